// Close codes and the payload of a close frame (RFC 6455, sections 5.5.1 and 7.4). Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

namespace wsecho::protocol {

// Any code that travels or is reported; the named ones are those the engine itself uses.
enum class CloseCode : std::uint16_t {
    normal = 1000,
    going_away = 1001,
    protocol_error = 1002,
    no_status = 1005,  // reported when the peer's close frame had no code; never sent
    abnormal = 1006,   // reported when no close frame came; never sent
    invalid_payload = 1007,
    policy_violation = 1008,
    too_big = 1009,
    internal_error = 1011,
    try_again_later = 1013,
};

// May this code stand in a close frame? Section 7.4.1 reserves 1004 to 1006 and 1015; 1012 to
// 1014 are registered with IANA; 3000 to 4999 are for libraries and applications.
bool may_be_sent(std::uint16_t code) noexcept;

struct CloseStatus {
    CloseCode code;
    std::string_view reason;  // UTF-8, up to 123 bytes; a view of the parsed payload
};

inline constexpr std::size_t max_close_reason = 123;

// What a peer's close frame said, or the code with which to fail the connection.
struct CloseViolation {
    CloseCode answer;
    std::string_view why;
};
std::variant<CloseStatus, CloseViolation> parse_close(std::span<const std::uint8_t> payload);

}  // namespace wsecho::protocol
