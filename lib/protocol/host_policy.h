// By which names a server may be reached from web pages: the protection from DNS rebinding. Pure.
//
// A page of evil.example may have its own name resolve to 127.0.0.1 and connect: to the browser
// that is the page's own host, and Origin and Host agree. Only the name in Host tells that nobody
// calls this server so. Where Host is an address, no name was resolved.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wsecho::protocol {

class HostPolicy {
  public:
    // The policy without an option: `own_name` is the host that the server listens on.
    HostPolicy() = default;
    explicit HostPolicy(std::string_view own_name) {
        if (!own_name.empty()) names_.emplace_back(own_name);
    }

    // Elements with spaces or commas between them: a name ("example.com"), one with a wildcard for
    // subdomains of any depth ("*.example.com", which leaves out example.com itself), an address
    // ("192.0.2.1", "[2001:db8::1]"), or "*" (any host). Nothing where one is none of these, or
    // where there is none.
    static std::optional<HostPolicy> parse(std::string_view text);

    // `host_header` is the value of the request's Host, whose port does not count. `is_local`: the
    // request came directly from this machine by its loopback address.
    //
    // Without an option any host is right but for local requests, where it has to be localhost, a
    // name below it, an address, or the own name. A server cannot know by which public names it is
    // reached, and a page of the Internet gains nothing by rebinding to it: it can connect to it
    // anyway, from anywhere. What is behind a local proxy that tells of its clients is not local.
    [[nodiscard]] bool allows(std::string_view host_header, bool is_local) const noexcept;

  private:
    bool add(std::string_view element);
    [[nodiscard]] bool is_listed(std::string_view host) const noexcept;

    bool is_given_ = false;
    bool any_ = false;
    std::vector<std::string> names_;  // those of wildcards begin with the dot
};

}  // namespace wsecho::protocol
