#include "protocol/frame_decoder.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace wsecho::protocol {

namespace {

// Section 5.2: of a header's first byte, and of its second.
constexpr std::uint8_t fin_bit = 0x80;
constexpr std::uint8_t reserved_bits = 0x70;
constexpr std::uint8_t compressed_bit = 0x40;  // RFC 7692, section 6
constexpr std::uint8_t opcode_bits = 0x0F;
constexpr std::uint8_t mask_bit = 0x80;
constexpr std::size_t key_size = 4;

// How long the header is that starts with these bytes (2 are known): section 5.2.
std::size_t header_length(const std::uint8_t* header) noexcept {
    const unsigned length = header[1] & 0x7FU;
    const std::size_t extended = length == 126 ? 2 : length == 127 ? 8 : 0;
    return 2 + extended + ((header[1] & mask_bit) != 0 ? key_size : 0);
}

std::uint64_t payload_size(const std::uint8_t* header) noexcept {
    const unsigned length = header[1] & 0x7FU;
    if (length < 126) return length;
    const std::size_t extended = length == 126 ? 2 : 8;
    std::uint64_t size = 0;
    for (std::size_t i = 0; i < extended; ++i)
        size = (size << 8U) | header[2 + i];
    return size;
}

// Section 5.2: the length is written in as few bytes as it needs.
bool is_shortest(const std::uint8_t* header, std::uint64_t size) noexcept {
    const unsigned length = header[1] & 0x7FU;
    return length < 126 || (length == 126 ? size > 125 : size > 0xFFFF);
}

}  // namespace

std::string_view FrameDecoder::why() const noexcept {
    switch (violation_) {
        case Violation::none:
            return "";
        case Violation::stray_continuation:
            return "continuation without a message to continue";
        case Violation::nested_message:
            return "new message inside a fragmented one";
        case Violation::fragmented_control:
            return "fragmented control frame";
        case Violation::long_control:
            return "control frame over 125 bytes";
        case Violation::reserved_opcode:
            return "reserved opcode";
        case Violation::reserved_bit:
            return "reserved bit set without an extension";
        case Violation::misplaced_bit:
            return "compression announced on a frame that starts no message";
        case Violation::unmasked:
            return "client frame without a mask";
        case Violation::masked:
            return "server frame with a mask";
        case Violation::huge_length:
            return "payload length with its top bit set";
        case Violation::padded_length:
            return "payload length in more bytes than it needs";
    }
    return "";
}

bool FrameDecoder::refuse(Violation violation) noexcept {
    violation_ = violation;
    return false;
}

Opcode FrameDecoder::opcode() const noexcept {
    return Opcode{static_cast<std::uint8_t>(first_byte_ & opcode_bits)};
}

bool FrameDecoder::fin() const noexcept {
    return (first_byte_ & fin_bit) != 0;
}

// RFC 7692, section 6.1: a compressed message says so on its first frame alone.
bool FrameDecoder::accept_reserved_bits() {
    if (!allows_compression_ || (first_byte_ & reserved_bits) != compressed_bit)
        return refuse(Violation::reserved_bit);
    if (opcode() != Opcode::text && opcode() != Opcode::binary)
        return refuse(Violation::misplaced_bit);
    return true;
}

bool FrameDecoder::follows_the_sequence() {
    switch (opcode()) {
        case Opcode::continuation:
            if (!in_message_) return refuse(Violation::stray_continuation);
            in_message_ = !fin();
            return true;
        case Opcode::text:
        case Opcode::binary:
            if (in_message_) return refuse(Violation::nested_message);
            in_message_ = !fin();
            is_compressed_ = (first_byte_ & compressed_bit) != 0;
            return true;
        case Opcode::close:
        case Opcode::ping:
        case Opcode::pong:
            if (!fin()) return refuse(Violation::fragmented_control);
            if (frame_size_ > max_control_payload) return refuse(Violation::long_control);
            return true;
    }
    return refuse(Violation::reserved_opcode);
}

bool FrameDecoder::accept_header(const std::uint8_t* header, std::size_t length) {
    first_byte_ = header[0];
    if ((first_byte_ & reserved_bits) != 0 && !accept_reserved_bits()) return false;
    if ((header[1] & mask_bit) != expected_mask_)
        return refuse(expected_mask_ == 0 ? Violation::masked : Violation::unmasked);

    frame_size_ = payload_size(header);
    if ((frame_size_ >> 63U) != 0) return refuse(Violation::huge_length);
    if (!is_shortest(header, frame_size_)) return refuse(Violation::padded_length);
    if (!follows_the_sequence()) return false;

    // A server's has none: it stays as it is, of zeros, by which nothing changes.
    if (expected_mask_ != 0) std::memcpy(key_.data(), header + length - key_size, key_size);
    position_ = 0;
    in_payload_ = true;
    return true;
}

// Moves bytes of a header that did not arrive in one piece; true when it is whole.
bool FrameDecoder::collect_header(std::span<std::uint8_t>& input) {
    while (!input.empty()) {
        const std::size_t wanted = header_size_ < 2 ? 2 : header_length(header_.data());
        if (header_size_ == wanted) return true;
        const std::size_t taken = std::min(wanted - header_size_, input.size());
        std::memcpy(header_.data() + header_size_, input.data(), taken);
        header_size_ = static_cast<std::uint8_t>(header_size_ + taken);
        input = input.subspan(taken);
    }
    return header_size_ >= 2 && header_size_ == header_length(header_.data());
}

FrameDecoder::Result FrameDecoder::give_payload(std::span<std::uint8_t>& input, FramePiece& piece) {
    const std::size_t most = is_compressed_ ? max_compressed_piece() : input.size();
    const auto available = static_cast<std::size_t>(
        std::min<std::uint64_t>(frame_size_ - position_, std::min(most, input.size())));
    piece.opcode = opcode();
    piece.fin = fin();
    piece.compressed = (first_byte_ & compressed_bit) != 0;
    piece.frame_size = frame_size_;
    piece.payload = input.first(available);
    piece.ascii = unmask(piece.payload, key_, position_);

    input = input.subspan(available);
    position_ += available;
    piece.last = position_ == frame_size_;
    in_payload_ = !piece.last;
    return Result::piece;
}

FrameDecoder::Result FrameDecoder::next(std::span<std::uint8_t>& input, FramePiece& piece) {
    piece.first = !in_payload_;
    if (!in_payload_) {
        const bool starts_here = header_size_ == 0 && input.size() >= 2;
        const std::size_t length = starts_here ? header_length(input.data()) : 0;
        if (starts_here && input.size() >= length) {
            if (!accept_header(input.data(), length)) return Result::violation;
            input = input.subspan(length);
        } else {
            if (!collect_header(input)) return Result::need_more;
            const std::size_t collected = std::exchange(header_size_, std::uint8_t{0});
            if (!accept_header(header_.data(), collected)) return Result::violation;
        }
    }
    // A header is given out without its payload, so that what is too big is refused at once.
    if (input.empty() && !piece.first) return Result::need_more;
    return give_payload(input, piece);
}

}  // namespace wsecho::protocol
