#include "protocol/client_frame.h"

namespace wsecho::protocol {

namespace {

constexpr std::uint8_t mask_bit = 0x80;  // of the second byte (section 5.2)

}  // namespace

void append_client_frame(std::vector<std::uint8_t>& to, Opcode opcode,
                         std::span<const std::uint8_t> payload, MaskingKey key) {
    const ServerHeader header{opcode, payload.size()};
    const std::size_t at = to.size();
    to.reserve(at + client_frame_size(payload.size()));
    to.insert(to.end(), header.bytes().begin(), header.bytes().end());
    to[at + 1] = static_cast<std::uint8_t>(to[at + 1] | mask_bit);
    to.insert(to.end(), key.begin(), key.end());
    const std::size_t behind = to.size();
    to.insert(to.end(), payload.begin(), payload.end());
    unmask(std::span{to}.subspan(behind), key, 0);  // the same both ways
}

}  // namespace wsecho::protocol
