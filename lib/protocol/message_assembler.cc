#include "protocol/message_assembler.h"

#include <algorithm>

namespace wsecho::protocol {

namespace {

// A header may promise what never comes, so room is made for what is there and a little more.
constexpr std::size_t first_reserve = 64UL * 1024;

}  // namespace

MessageAssembler::Outcome MessageAssembler::add(const FramePiece& piece, std::size_t max_size,
                                                SpareBuffers& spare, Message& message) {
    const bool starts_message = piece.first && piece.opcode != Opcode::continuation;
    if (starts_message) {
        is_text_ = piece.opcode == Opcode::text;
        utf8_.reset();
    }
    if (piece.first && piece.frame_size > max_size - std::min(max_size, held()))
        return Outcome::too_big;
    const bool surely_valid = piece.ascii && utf8_.complete();
    if (is_text_ && !surely_valid && !utf8_.feed(piece.payload)) return Outcome::bad_utf8;

    if (starts_message && piece.last && piece.fin) {
        if (is_text_ && !utf8_.complete()) return Outcome::bad_utf8;
        message = {is_text_, piece.payload};
        return Outcome::complete;
    }
    if (!buffer_) {
        buffer_ = spare.take();
        buffer_->reserve(
            static_cast<std::size_t>(std::min<std::uint64_t>(piece.frame_size, first_reserve)));
    }
    buffer_->insert(buffer_->end(), piece.payload.begin(), piece.payload.end());
    return finish(piece, message);
}

MessageAssembler::Outcome MessageAssembler::finish(const FramePiece& piece, Message& message) {
    if (!piece.last || !piece.fin) return Outcome::incomplete;
    if (is_text_ && !utf8_.complete()) return Outcome::bad_utf8;
    message = {is_text_, *buffer_};
    return Outcome::complete;
}

}  // namespace wsecho::protocol
