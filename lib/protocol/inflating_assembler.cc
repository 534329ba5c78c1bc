#include "protocol/inflating_assembler.h"

namespace wsecho::protocol {

// Only what comes behind the last piece tells that the message is whole.
Decompressor::Outcome InflatingAssembler::inflate(const FramePiece& piece, std::size_t max_size,
                                                  Decompressor& decompressor) {
    const auto added = decompressor.add(piece.payload, max_size, *buffer_);
    const bool is_end = piece.last && piece.fin;
    return added == Decompressor::Outcome::ok && is_end ? decompressor.finish(max_size, *buffer_)
                                                        : added;
}

InflatingAssembler::Outcome InflatingAssembler::add(const FramePiece& piece, std::size_t max_size,
                                                    Decompressor& decompressor, SpareBuffers& spare,
                                                    Message& message) {
    if (piece.first && piece.opcode != Opcode::continuation) {
        is_text_ = piece.opcode == Opcode::text;
        utf8_.reset();
    }
    if (!buffer_) buffer_ = spare.take();
    const std::size_t before = buffer_->size();
    const auto inflated = inflate(piece, max_size, decompressor);
    if (inflated == Decompressor::Outcome::corrupt) return Outcome::corrupt;
    if (inflated == Decompressor::Outcome::too_big) return Outcome::too_big;
    if (is_text_ && !utf8_.feed(std::span{*buffer_}.subspan(before))) return Outcome::bad_utf8;
    if (!piece.last || !piece.fin) return Outcome::incomplete;
    if (is_text_ && !utf8_.complete()) return Outcome::bad_utf8;
    message = {is_text_, *buffer_};
    return Outcome::complete;
}

}  // namespace wsecho::protocol
