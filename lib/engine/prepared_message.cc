#include "engine/prepared_message.h"

#include <algorithm>

namespace wsecho::engine {

namespace {

using protocol::Opcode;

void write_decimal(std::span<std::uint8_t> field, std::uint64_t number) noexcept {
    std::fill(field.begin(), field.end(), std::uint8_t{' '});
    auto place = field.rbegin();
    do {
        *place++ = static_cast<std::uint8_t>('0' + number % 10);
        number /= 10;
    } while (number != 0);
}

void write_network_order(std::span<std::uint8_t> field, std::uint64_t number) noexcept {
    for (auto place = field.rbegin(); place != field.rend(); ++place) {
        *place = static_cast<std::uint8_t>(number & 0xFFU);
        number >>= 8U;
    }
}

// What the second byte of a header says of its length (RFC 6455, section 5.2).
std::size_t header_size(std::uint8_t second) noexcept {
    if (second < 126) return 2;
    return second == 126 ? 4 : 10;
}

}  // namespace

void PreparedMessage::write_number(std::size_t at, std::uint64_t number) noexcept {
    const Opcode opcode{static_cast<std::uint8_t>(frame_[0] & 0x0FU)};
    const auto field = std::span{frame_}.subspan(header_size(frame_[1]) + at, number_size(opcode));
    if (opcode == Opcode::text)
        write_decimal(field, number);
    else
        write_network_order(field, number);
}

}  // namespace wsecho::engine
