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

}  // namespace

void PreparedMessage::write_number(std::size_t at, std::uint64_t number) noexcept {
    const auto field = std::span{frame_}.subspan(header_size_ + at, number_size(opcode_));
    if (opcode_ == Opcode::text)
        write_decimal(field, number);
    else
        write_network_order(field, number);
}

}  // namespace wsecho::engine
