// Joins the pieces of data frames into whole messages under a hard cap, and checks text for
// UTF-8 as it arrives. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "protocol/frame_decoder.h"
#include "protocol/spare_buffers.h"
#include "protocol/utf8.h"

namespace wsecho::protocol {

struct Message {
    bool is_text = false;
    std::span<const std::uint8_t> payload;
};

class MessageAssembler {
  public:
    enum class Outcome : std::uint8_t { incomplete, complete, too_big, bad_utf8 };

    // Adds a piece of a text, binary or continuation frame. When `complete`, `message` views
    // either the piece itself (a message that arrived whole is never copied) or a buffer of the
    // assembler's that lives until release(). A frame that would carry the message over
    // `max_size` is refused at its header, before any of it is stored.
    // `spare` is where the buffer is taken from.
    Outcome add(const FramePiece& piece, std::size_t max_size, SpareBuffers& spare,
                Message& message);

    // The complete message is done with: an idle connection keeps no buffer.
    void release(SpareBuffers& spare) noexcept {
        if (buffer_) spare.give_back(std::move(buffer_));
    }

    // An unfinished message is forgotten, with its memory.
    void drop() noexcept { buffer_.reset(); }

    // Is a message in parts under way?
    [[nodiscard]] bool is_gathering() const noexcept { return buffer_ != nullptr; }
    // Bytes of an unfinished message held in memory.
    [[nodiscard]] std::size_t held() const noexcept { return buffer_ ? buffer_->size() : 0; }

  private:
    Outcome finish(const FramePiece& piece, Message& message);

    // Absent while no message is in parts, so that an idle connection pays one pointer.
    std::unique_ptr<Buffer> buffer_;
    Utf8Validator utf8_;
    bool is_text_ = false;
};

}  // namespace wsecho::protocol
