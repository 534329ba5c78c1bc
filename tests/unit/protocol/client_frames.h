// A client's frames as the tests write them: masked, in any shape, right or wrong.
#pragma once

#include <cstddef>
#include <cstdint>

#include "bytes.h"
#include "protocol/frame.h"
#include "protocol/unmask.h"

namespace wsecho::test {

inline constexpr protocol::MaskingKey some_key{0x37, 0xFA, 0x21, 0x3D};

// How the length is written; `shortest` is what RFC 6455 (section 5.2) asks for.
enum class LengthForm : std::uint8_t { shortest, in_2_bytes, in_8_bytes };

struct ClientFrame {
    protocol::Opcode opcode = protocol::Opcode::binary;
    Bytes payload{};
    bool fin = true;
    std::uint8_t reserved_bits = 0;
    bool masked = true;
    LengthForm form = LengthForm::shortest;
};

inline void append_number(Bytes& to, std::uint64_t number, unsigned bytes) {
    while (bytes-- > 0)
        to.push_back(static_cast<std::uint8_t>((number >> (8 * bytes)) & 0xFFU));
}

// A header that promises `size` bytes, whatever follows.
inline Bytes header_of(const ClientFrame& frame, std::uint64_t size) {
    const auto fin = static_cast<unsigned>(frame.fin ? 0x80U : 0U);
    const auto mask = static_cast<std::uint8_t>(frame.masked ? 0x80U : 0U);
    Bytes bytes{
        static_cast<std::uint8_t>(fin | frame.reserved_bits | static_cast<unsigned>(frame.opcode))};
    if (frame.form == LengthForm::shortest && size <= 125) {
        bytes.push_back(static_cast<std::uint8_t>(mask | size));
    } else if (frame.form != LengthForm::in_8_bytes && size <= 0xFFFF) {
        bytes.push_back(mask | 126U);
        append_number(bytes, size, 2);
    } else {
        bytes.push_back(mask | 127U);
        append_number(bytes, size, 8);
    }
    if (frame.masked) bytes.insert(bytes.end(), some_key.begin(), some_key.end());
    return bytes;
}

inline Bytes encode(const ClientFrame& frame) {
    Bytes bytes = header_of(frame, frame.payload.size());
    for (std::size_t i = 0; i < frame.payload.size(); ++i) {
        const unsigned key = frame.masked ? some_key[i % some_key.size()] : 0U;
        bytes.push_back(static_cast<std::uint8_t>(frame.payload[i] ^ key));
    }
    return bytes;
}

}  // namespace wsecho::test
