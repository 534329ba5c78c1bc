// Decodes the frames of a peer (RFC 6455, section 5) from bytes that arrive in any pieces, unmasks
// a client's in place, and refuses what the RFC forbids. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "protocol/frame.h"
#include "protocol/unmask.h"

namespace wsecho::protocol {

// A part of one frame's payload, unmasked. A frame that arrived whole is one piece, unless its
// message is compressed: its pieces are bounded, since what they inflate to can be a thousand times
// as much. The first piece is empty where only the header has arrived.
struct FramePiece {
    Opcode opcode{};                  // of the frame; continuation for later fragments
    bool fin = false;                 // the frame is its message's last
    bool first = false;               // nothing of this frame was given out before
    bool last = false;                // nothing of this frame follows
    std::uint64_t frame_size = 0;     // payload of the whole frame, as its header says
    std::span<std::uint8_t> payload;  // a view of the input
    bool ascii = false;               // the payload was seen to be ASCII throughout
    bool compressed = false;          // a message starts with this frame, and is compressed
};

class FrameDecoder {
  public:
    enum class Result : std::uint8_t { piece, need_more, violation };

    // Takes one piece off the front of `input`. `need_more`: the input is used up; what is kept
    // of it (a part of a header) is inside the decoder. `violation`: fail the connection with
    // 1002; `why` then says what was wrong.
    Result next(std::span<std::uint8_t>& input, FramePiece& piece);

    [[nodiscard]] std::string_view why() const noexcept;

    // An extension was agreed on that compresses messages: the first frame of a message may say so
    // by its first reserved bit (RFC 7692, section 6); no other frame may have it.
    void allow_compression() noexcept { allows_compression_ = true; }

    // Pieces of compressed messages grow while they inflate to little, and are small again after
    // one that inflated to much: none inflates to more than 2 MiB, and few to more than 128 KiB.
    void adapt_compressed_pieces(std::size_t piece, std::size_t inflated) noexcept {
        constexpr std::size_t usual_ratio = 16;
        if (inflated > usual_ratio * piece)
            piece_step_ = 0;
        else if (piece_step_ < max_piece_step)
            ++piece_step_;
    }

    // The peer is a server: its frames have no mask (section 5.1).
    void expect_server() noexcept { expected_mask_ = 0; }

  private:
    enum class Violation : std::uint8_t {
        none,
        stray_continuation,
        nested_message,
        fragmented_control,
        long_control,
        reserved_opcode,
        reserved_bit,
        misplaced_bit,
        unmasked,
        masked,
        huge_length,
        padded_length,
    };
    static constexpr std::size_t max_header = 14;
    static constexpr unsigned max_piece_step = 2;

    // 128, 512 or 2,048 bytes: data inflates to 1,032 times its size at the most.
    [[nodiscard]] std::size_t max_compressed_piece() const noexcept {
        return std::size_t{128} << (2U * piece_step_);
    }

    [[nodiscard]] Opcode opcode() const noexcept;
    [[nodiscard]] bool fin() const noexcept;
    bool accept_reserved_bits();
    bool collect_header(std::span<std::uint8_t>& input);
    bool accept_header(const std::uint8_t* header, std::size_t length);
    bool follows_the_sequence();
    Result give_payload(std::span<std::uint8_t>& input, FramePiece& piece);
    bool refuse(Violation violation) noexcept;

    std::uint64_t frame_size_ = 0;
    std::uint64_t position_ = 0;  // payload bytes of the frame given out so far
    MaskingKey key_{};
    std::uint8_t first_byte_ = 0;        // of the frame: its opcode and bits
    std::uint8_t expected_mask_ = 0x80;  // as it stands in a header's second byte
    bool in_payload_ = false;
    bool in_message_ = false;       // a fragmented message is under way
    std::uint8_t header_size_ = 0;  // of a header that arrived in parts
    Violation violation_ : 4 = Violation::none;
    bool allows_compression_ : 1 = false;
    bool is_compressed_ : 1 = false;  // the message that the frame belongs to
    std::uint8_t piece_step_ : 2 = 0;
    std::array<std::uint8_t, max_header> header_{};
};

}  // namespace wsecho::protocol
