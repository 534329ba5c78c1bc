// Which web pages may connect (RFC 6455, section 10.2). A browser tells the origin of the page
// (RFC 6454), which the page cannot change; other programs need not send one, and no policy is
// about them. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wsecho::protocol {

// Scheme, host and port, in views of a text.
struct Origin {
    std::string_view scheme;
    std::string_view host;  // an IPv6 address with its brackets
    std::uint16_t port = 0;

    // As RFC 6454, section 6.2 writes it: "https://example.com:8443". A port that is not there is
    // the scheme's own; one has to be known.
    static std::optional<Origin> parse(std::string_view text) noexcept;
};

class OriginPolicy {
  public:
    // A page may connect to the host that it came from.
    OriginPolicy() = default;

    // Elements with spaces or commas between them: "same" (what the default allows), an origin, one
    // with a wildcard for subdomains of any depth ("https://*.example.com", which leaves out
    // example.com itself), "null" (pages without an origin, such as files), or "*" (any).
    // Nothing where one is none of these, or where there is none.
    static std::optional<OriginPolicy> parse(std::string_view text);

    // By the values of the request's Origin and Host.
    [[nodiscard]] bool allows(std::string_view origin, std::string_view host) const noexcept {
        return allows_by_name(origin) || allows_as_same(origin, host);
    }
    // Whatever the Host: by an element other than "same".
    [[nodiscard]] bool allows_by_name(std::string_view origin) const noexcept;
    // By "same" alone.
    [[nodiscard]] bool allows_as_same(std::string_view origin,
                                      std::string_view host) const noexcept;

  private:
    struct Pattern {
        std::string scheme;
        std::string host;  // of a wildcard: what comes behind the asterisk, ".example.com"
        std::uint16_t port = 0;
        bool subdomains = false;
        [[nodiscard]] bool matches(const Origin& origin) const noexcept;
    };
    bool add(std::string_view element);

    bool any_ = false;
    bool null_ = false;
    bool same_ = true;
    std::vector<Pattern> patterns_;
};

}  // namespace wsecho::protocol
