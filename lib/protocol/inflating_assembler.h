// Joins the pieces of a compressed message (RFC 7692, section 6.2) into what it inflates to, as
// MessageAssembler does with plain ones. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "protocol/deflate_stream.h"
#include "protocol/message_assembler.h"

namespace wsecho::protocol {

class InflatingAssembler {
  public:
    enum class Outcome : std::uint8_t { incomplete, complete, too_big, bad_utf8, corrupt };

    // Adds a piece of a data frame, all of one message to the same decompressor. When `complete`,
    // `message` views a buffer of the assembler's that lives until release(). `max_size` holds for
    // what comes out, and text is checked as it does.
    Outcome add(const FramePiece& piece, std::size_t max_size, Decompressor& decompressor,
                SpareBuffers& spare, Message& message);

    // The complete message is done with.
    void release(SpareBuffers& spare) noexcept {
        if (buffer_) spare.give_back(std::move(buffer_));
    }

    // An unfinished message is forgotten, with its memory.
    void drop() noexcept { buffer_.reset(); }

    // Bytes of an unfinished message held in memory.
    [[nodiscard]] std::size_t held() const noexcept { return buffer_ ? buffer_->size() : 0; }

  private:
    Decompressor::Outcome inflate(const FramePiece& piece, std::size_t max_size,
                                  Decompressor& decompressor);

    std::unique_ptr<Buffer> buffer_;
    Utf8Validator utf8_;
    bool is_text_ = false;
};

}  // namespace wsecho::protocol
