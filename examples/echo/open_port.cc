#include "open_port.h"

#include <arpa/inet.h>
#include <fmt/core.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace {

constexpr std::uint32_t connections_per_address = 100;
constexpr std::uint32_t handshakes_per_address = 20;
constexpr std::uint32_t messages_per_second = 1000;
constexpr std::uint64_t bytes_per_second = 10'000'000;
constexpr double idle_seconds = 600;

bool is_loopback_v4(const std::string& host) {
    in_addr address{};
    return inet_pton(AF_INET, host.c_str(), &address) == 1 && ntohl(address.s_addr) >> 24U == 127;
}

bool is_loopback_v6(const std::string& host) {
    in6_addr address{};
    return inet_pton(AF_INET6, host.c_str(), &address) == 1 && IN6_IS_ADDR_LOOPBACK(&address) != 0;
}

// A name other than localhost is not looked up: what it means may change.
bool is_open(const EchoOptions& options) {
    const bool is_local =
        options.host == "localhost" || is_loopback_v4(options.host) || is_loopback_v6(options.host);
    return options.port >= 0 && !is_local;
}

// Sets options and writes what was set.
class Limits {
  public:
    explicit Limits(bool are_wanted) : are_wanted_(are_wanted) {}

    template <class Value>
    void set(std::optional<Value>& option, Value limit, std::string_view what,
             std::string_view flag) {
        if (option) return;
        option = are_wanted_ ? limit : Value{};
        if (are_wanted_)
            lines_.push_back(
                fmt::format("an open port: at most {} {} ({}; 0: no bound)", limit, what, flag));
    }

    [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }

  private:
    bool are_wanted_;
    std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> limit_open_port(EchoOptions& options) {
    Limits limits{is_open(options)};
    limits.set(options.max_connections_per_address, connections_per_address,
               "connections of one address", "--max-connections-per-address");
    limits.set(options.max_handshakes_per_address, handshakes_per_address,
               "handshakes of one address in a second", "--max-handshakes-per-address");
    limits.set(options.max_messages_per_second, messages_per_second,
               "messages of one peer in a second", "--max-messages-per-second");
    limits.set(options.max_bytes_per_second, bytes_per_second, "bytes of one peer in a second",
               "--max-bytes-per-second");
    limits.set(options.idle_timeout, idle_seconds, "seconds without a message", "--idle-timeout");
    return limits.lines();
}
