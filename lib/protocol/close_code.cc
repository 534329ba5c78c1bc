#include "protocol/close_code.h"

#include "protocol/utf8.h"

namespace wsecho::protocol {

bool may_be_sent(std::uint16_t code) noexcept {
    if (code >= 3000 && code <= 4999) return true;
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}

std::variant<CloseStatus, CloseViolation> parse_close(std::span<const std::uint8_t> payload) {
    if (payload.empty()) return CloseStatus{CloseCode::no_status, {}};
    if (payload.size() == 1)
        return CloseViolation{CloseCode::protocol_error, "close frame with half a code"};

    const auto code = static_cast<std::uint16_t>((payload[0] << 8U) | payload[1]);
    if (!may_be_sent(code))
        return CloseViolation{CloseCode::protocol_error, "close code that may not be sent"};

    const auto reason = payload.subspan(2);
    if (!is_utf8(reason))
        return CloseViolation{CloseCode::invalid_payload, "close reason is not UTF-8"};
    return CloseStatus{CloseCode{code},
                       {reinterpret_cast<const char*>(reason.data()), reason.size()}};
}

}  // namespace wsecho::protocol
