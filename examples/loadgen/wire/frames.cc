// Encodes masked client frames and decodes server headers.
#include "wire/frames.h"

namespace wsecho::loadgen {
namespace {

constexpr unsigned final_bit = 0x80;
constexpr unsigned compressed_bit = 0x40;  // RSV1, RFC 7692
constexpr unsigned reserved_bits = 0x30;
constexpr unsigned mask_bit = 0x80;
constexpr std::uint64_t max_control_payload = 125;

bool is_known(Opcode opcode) {
    switch (opcode) {
        case Opcode::continuation:
        case Opcode::text:
        case Opcode::binary:
        case Opcode::close:
        case Opcode::ping:
        case Opcode::pong:
            return true;
    }
    return false;
}

std::uint64_t read_big_endian(Bytes bytes) {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : bytes)
        value = value << 8U | byte;
    return value;
}

}  // namespace

std::size_t client_header_size(std::size_t payload_size) noexcept {
    const std::size_t length_bytes = payload_size <= 125 ? 0U : payload_size <= 0xFFFF ? 2U : 8U;
    return 2 + length_bytes + masking_key.size();
}

std::vector<std::uint8_t> client_frame(Opcode opcode, Bytes payload) {
    std::vector<std::uint8_t> frame;
    append_client_frame(frame, opcode, payload, false);
    return frame;
}

void append_client_frame(std::vector<std::uint8_t>& bytes, Opcode opcode, Bytes payload,
                         bool compressed) {
    bytes.reserve(bytes.size() + client_header_size(payload.size()) + payload.size());
    bytes.push_back(static_cast<std::uint8_t>(final_bit | (compressed ? compressed_bit : 0U) |
                                              static_cast<unsigned>(opcode)));
    const std::size_t length_bytes = client_header_size(payload.size()) - 2 - masking_key.size();
    const std::size_t short_length = length_bytes == 0   ? payload.size()
                                     : length_bytes == 2 ? std::size_t{126}
                                                         : std::size_t{127};
    bytes.push_back(static_cast<std::uint8_t>(mask_bit | short_length));
    for (std::size_t left = length_bytes; left > 0; --left) {
        bytes.push_back(static_cast<std::uint8_t>(payload.size() >> (8 * (left - 1)) & 0xFFU));
    }
    bytes.insert(bytes.end(), masking_key.begin(), masking_key.end());
    for (std::size_t index = 0; index < payload.size(); ++index) {
        bytes.push_back(static_cast<std::uint8_t>(payload[index] ^ masking_key[index % 4]));
    }
}

std::optional<ServerFrameHeader> decode_server_header(Bytes bytes) noexcept {
    if (bytes.size() < 2) return std::nullopt;
    ServerFrameHeader header;
    header.opcode = static_cast<Opcode>(bytes[0] & 0x0FU);
    header.final = (bytes[0] & final_bit) != 0;
    header.compressed = (bytes[0] & compressed_bit) != 0;
    const unsigned short_length = bytes[1] & 0x7FU;
    const std::size_t length_bytes = short_length < 126 ? 0U : short_length == 126 ? 2U : 8U;
    header.size = 2 + length_bytes;
    if (bytes.size() < header.size) return std::nullopt;
    header.payload_size =
        length_bytes == 0 ? short_length : read_big_endian(bytes.subspan(2, length_bytes));

    const bool control = (bytes[0] & 0x08U) != 0;
    if ((bytes[0] & reserved_bits) != 0) {
        header.problem = "a frame with a reserved bit set";
    } else if (!is_known(header.opcode)) {
        header.problem = "a frame with an unknown opcode";
    } else if ((bytes[1] & mask_bit) != 0) {
        header.problem = "a masked frame from the server";
    } else if (control && (!header.final || header.payload_size > max_control_payload)) {
        header.problem = "a control frame that is fragmented or too long";
    } else if (header.payload_size >> 32U != 0) {
        header.problem = "a frame of four gigabytes or more";
    }
    return header;
}

std::string_view FrameReader::begin(const ServerFrameHeader& header) noexcept {
    if (!header.problem.empty()) return header.problem;
    const bool starts_message = !is_control(header.opcode) && !in_message_;
    if (header.compressed && !(starts_message && allows_compression_)) {
        return "a frame with a reserved bit set";
    }
    if (is_control(header.opcode)) return {};
    if ((header.opcode == Opcode::continuation) != in_message_) {
        return in_message_ ? "a new message inside a fragmented one"
                           : "a continuation frame outside a message";
    }
    if (starts_message) {
        opcode_ = header.opcode;
        compressed_ = header.compressed;
    }
    in_message_ = true;
    in_frame_ = true;
    final_ = header.final;
    frame_remaining_ = static_cast<std::uint32_t>(header.payload_size);
    return {};
}

}  // namespace wsecho::loadgen
