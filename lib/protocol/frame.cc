#include "protocol/frame.h"

namespace wsecho::protocol {

namespace {

constexpr std::uint8_t fin_bit = 0x80;
constexpr std::uint8_t compressed_bit = 0x40;
constexpr std::uint8_t length_in_2_bytes = 126;
constexpr std::uint8_t length_in_8_bytes = 127;

}  // namespace

ServerHeader::ServerHeader(Opcode opcode, std::size_t payload_size, bool compressed) noexcept
    : size_(server_header_size(payload_size)) {
    const auto bits = static_cast<unsigned>(compressed ? fin_bit | compressed_bit : fin_bit);
    bytes_[0] = static_cast<std::uint8_t>(bits | static_cast<std::uint8_t>(opcode));
    if (size_ == 2) {
        bytes_[1] = static_cast<std::uint8_t>(payload_size);
        return;
    }
    bytes_[1] = size_ == 4 ? length_in_2_bytes : length_in_8_bytes;
    for (std::size_t i = size_; i > 2; --i) {  // network byte order, last byte first
        bytes_[i - 1] = static_cast<std::uint8_t>(payload_size & 0xFFU);
        payload_size >>= 8U;
    }
}

}  // namespace wsecho::protocol
