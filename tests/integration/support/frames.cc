#include "support/frames.h"

#include <array>
#include <stdexcept>

namespace wsecho::test {

namespace {

constexpr std::array<std::uint8_t, 4> mask_key{0x37, 0xFA, 0x21, 0x3D};

void append_big_endian(std::string& out, std::uint64_t value, unsigned bytes) {
    for (unsigned i = bytes; i-- > 0;)
        out += static_cast<char>((value >> (8 * i)) & 0xFFU);
}

std::uint64_t big_endian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (const char byte : bytes)
        value = (value << 8U) | static_cast<std::uint8_t>(byte);
    return value;
}

}  // namespace

std::string frame(unsigned opcode, std::string_view payload, const Shape& shape) {
    const std::uint64_t size = shape.claimed_size.value_or(payload.size());
    const unsigned mask_bit = shape.masked ? 0x80U : 0U;
    std::string out;
    out.reserve(payload.size() + 14);
    out += static_cast<char>((shape.fin ? 0x80U : 0U) | (shape.reserved_bits << 4U) | opcode);
    if (size < 126) {
        out += static_cast<char>(mask_bit | size);
    } else if (size < 65536) {
        out += static_cast<char>(mask_bit | 126U);
        append_big_endian(out, size, 2);
    } else {
        out += static_cast<char>(mask_bit | 127U);
        append_big_endian(out, size, 8);
    }
    if (!shape.masked) return out.append(payload);
    for (const auto byte : mask_key)
        out += static_cast<char>(byte);
    for (std::size_t i = 0; i < payload.size(); ++i)
        out += static_cast<char>(static_cast<std::uint8_t>(payload[i]) ^ mask_key[i % 4]);
    return out;
}

std::string close_frame(unsigned code, std::string_view reason) {
    std::string payload;
    append_big_endian(payload, code, 2);
    return frame(close, payload.append(reason));
}

unsigned Frame::close_code() const {
    return payload.size() < 2 ? 1005 : static_cast<unsigned>(big_endian(payload.substr(0, 2)));
}

std::string Frame::close_reason() const {
    return payload.size() < 2 ? "" : payload.substr(2);
}

std::optional<Frame> take_frame(std::string& bytes, bool allows_compression) {
    if (bytes.size() < 2) return std::nullopt;
    const auto first = static_cast<std::uint8_t>(bytes[0]);
    const auto second = static_cast<std::uint8_t>(bytes[1]);
    const unsigned reserved = allows_compression ? 0x30U : 0x70U;
    if ((first & reserved) != 0) throw std::runtime_error("the server set a reserved bit");
    if ((second & 0x80U) != 0) throw std::runtime_error("the server masked a frame");

    const unsigned length = second & 0x7FU;
    const std::size_t extended = length == 126 ? 2 : length == 127 ? 8 : 0;
    const std::size_t header = 2 + extended;
    if (bytes.size() < header) return std::nullopt;
    const std::uint64_t size = extended == 0 ? length : big_endian(bytes.substr(2, extended));
    if (bytes.size() - header < size) return std::nullopt;

    Frame frame{first & 0x0FU, (first & 0x80U) != 0, bytes.substr(header, size), header,
                (first & 0x40U) != 0};
    bytes.erase(0, header + size);
    return frame;
}

std::optional<Frame> take_client_frame(std::string& bytes) {
    if (bytes.size() < 2) return std::nullopt;
    const auto first = static_cast<std::uint8_t>(bytes[0]);
    const auto second = static_cast<std::uint8_t>(bytes[1]);
    if ((first & 0x70U) != 0) throw std::runtime_error("the client set a reserved bit");
    if ((second & 0x80U) == 0) throw std::runtime_error("the client did not mask a frame");

    const unsigned length = second & 0x7FU;
    const std::size_t extended = length == 126 ? 2 : length == 127 ? 8 : 0;
    const std::size_t header = 2 + extended + 4;
    if (bytes.size() < header) return std::nullopt;
    const std::uint64_t size = extended == 0 ? length : big_endian(bytes.substr(2, extended));
    if (bytes.size() - header < size) return std::nullopt;

    Frame frame{first & 0x0FU, (first & 0x80U) != 0, bytes.substr(header, size), header, false};
    for (std::size_t i = 0; i < size; ++i)
        frame.payload[i] = static_cast<char>(frame.payload[i] ^ bytes[header - 4 + i % 4]);
    bytes.erase(0, header + size);
    return frame;
}

}  // namespace wsecho::test
