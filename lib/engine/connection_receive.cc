// Frames in: from decoded pieces to messages, pongs, closes and failures.
#include "engine/connection.h"
#include "engine/loop.h"
#include "engine/served_path.h"

namespace wsecho::engine {

using protocol::CloseCode;
using protocol::FrameDecoder;
using protocol::FramePiece;
using protocol::MessageAssembler;
using protocol::Opcode;

void Connection::receive_frames(std::span<std::uint8_t> input) {
    runtime::WorkBudget& work = loop_.work();
    FramePiece piece;
    // After the peer's close frame nothing counts any more (RFC 6455, section 5.5.1).
    while (!peer_closed_ && !failing_ && !condemned_ && !paused_ && !work.is_over()) {
        const auto result = decoder_.next(input, piece);
        if (result == FrameDecoder::Result::need_more) break;
        if (result == FrameDecoder::Result::violation) {
            fail(CloseCode::protocol_error, decoder_.why(), CloseCause::protocol);
            break;
        }
        if (metered_ && piece.first && !meter_frame(piece.opcode)) break;
        more_follows_ = !input.empty();
        if (is_control(piece.opcode))
            receive_control(piece);
        else if (state() == ConnectionState::open)
            piece.compressed || inflating_ ? receive_compressed(piece) : receive_data(piece);
        work.spend(piece.last, piece.payload.size(), piece.frame_size,
                   [this] { return loop_.precise_now(); });
    }
    more_follows_ = false;
    if (!input.empty() || socket_.keeps_bytes()) keep_unread(input);
    if (assembler_.is_gathering() || inflating_ || socket_.keeps_bytes() || holds_received_)
        count_receiving();
}

// For a turn of its own: this one is over, or reading is paused. Else nothing is read any more.
void Connection::keep_unread(std::span<const std::uint8_t> input) {
    if (peer_closed_ || failing_ || condemned_) input = {};
    auto& unread = details_->unread;
    if (input.empty()) {
        unread.reset();
    } else {
        if (!unread) unread = std::make_unique<runtime::UnreadBytes>();
        unread->keep(input);
    }
    socket_.set_keeps_bytes(unread != nullptr);
    if (unread && !paused_) socket_.ask_for_turn();
}

void Connection::count_receiving() {
    const ConnectionDeflate* deflate = details_->deflate.get();
    const std::size_t message =
        assembler_.held() + (deflate != nullptr ? deflate->assembler.held() : 0);
    const std::size_t unread = details_->unread ? details_->unread->held() : 0;
    holds_received_ = message + unread != 0;
    auto& share = details_->receiving;
    if (!share && holds_received_) share = std::make_unique<ReceivingMemory<Connection>::Share>();
    if (share) loop_.count_receiving(*this, *share, message, unread);
}

// All connections together hold too much of what they receive, and this one the most.
void Connection::give_up_receiving() {
    drop_received();
    fail(CloseCode::policy_violation, "the server has no memory for this message",
         CloseCause::memory);
}

void Connection::drop_received() {
    assembler_.drop();
    if (details_->deflate) details_->deflate->assembler.drop();
    details_->unread.reset();
    socket_.set_keeps_bytes(false);
    if (holds_received_) loop_.count_receiving(*this, *details_->receiving, 0, 0);
    holds_received_ = false;
}

void Connection::receive_data(const FramePiece& piece) {
    protocol::Message message;
    switch (
        assembler_.add(piece, path_->limits.max_message_bytes, loop_.spare_buffers(), message)) {
        case MessageAssembler::Outcome::incomplete:
            return;
        case MessageAssembler::Outcome::too_big:
            return fail(CloseCode::too_big, "message over the limit", CloseCause::too_big);
        case MessageAssembler::Outcome::bad_utf8:
            return fail(CloseCode::invalid_payload, "text is not UTF-8", CloseCause::protocol);
        case MessageAssembler::Outcome::complete:
            break;
    }
    deliver(message);
    assembler_.release(loop_.spare_buffers());
}

// RFC 7692, section 6.2.
void Connection::receive_compressed(const FramePiece& piece) {
    using Outcome = protocol::InflatingAssembler::Outcome;
    ConnectionDeflate& deflate = *details_->deflate;
    protocol::Message message;
    const std::size_t before = deflate.assembler.held();
    const auto outcome = deflate.assembler.add(piece, path_->limits.max_message_bytes,
                                               loop_.deflate().decompressor_of(deflate),
                                               loop_.spare_buffers(), message);
    const std::size_t inflated = deflate.assembler.held() - before;
    loop_.work().spend_inflated(inflated);
    decoder_.adapt_compressed_pieces(piece.payload.size(), inflated);
    if (metered_ && inflated > piece.payload.size() &&
        !meter_inflated(inflated - piece.payload.size()))
        return;
    inflating_ = outcome == Outcome::incomplete;
    if (inflating_) return;
    loop_.deflate().message_ended(deflate);
    switch (outcome) {
        case Outcome::incomplete:
            return;
        case Outcome::too_big:
            return fail(CloseCode::too_big, "message over the limit", CloseCause::too_big);
        case Outcome::bad_utf8:
            return fail(CloseCode::invalid_payload, "text is not UTF-8", CloseCause::protocol);
        case Outcome::corrupt:
            return fail(CloseCode::invalid_payload, "compressed data that does not inflate",
                        CloseCause::protocol);
        case Outcome::complete:
            break;
    }
    deliver(message);
    deflate.assembler.release(loop_.spare_buffers());
}

void Connection::deliver(const protocol::Message& message) {
    loop_.counters().messages_received.add(1);
    ++traffic_.messages_received;
    // Another cache line: written only where it is looked at.
    if (path_->limits.idle_timeout.count() > 0) last_message_ = last_heard_;
    if (!path_->observer.on_message(id_, message.is_text, message.payload)) callback_failed();
}

void Connection::receive_control(const FramePiece& piece) {
    if (piece.first && piece.last) return handle_control(piece.opcode, piece.payload);
    if (!control_) control_ = std::make_unique<std::string>();
    control_->append(reinterpret_cast<const char*>(piece.payload.data()), piece.payload.size());
    if (!piece.last) return;
    const auto whole = std::move(control_);
    handle_control(piece.opcode,
                   {reinterpret_cast<const std::uint8_t*>(whole->data()), whole->size()});
}

void Connection::handle_control(Opcode opcode, std::span<const std::uint8_t> payload) {
    switch (opcode) {
        case Opcode::ping:
            // Section 5.5.3 lets a server answer only some pings: who does not read its pongs
            // gets no more than the queue's bound of them.
            if (state() == ConnectionState::open && make_room(payload.size() + 2))
                transmit(Opcode::pong, payload);
            return;
        case Opcode::pong:
            return handle_pong(payload);
        default:
            return handle_close(payload);
    }
}

void Connection::handle_close(std::span<const std::uint8_t> payload) {
    const auto parsed = protocol::parse_close(payload);
    if (const auto* violation = std::get_if<protocol::CloseViolation>(&parsed)) {
        fail(violation->answer, violation->why, CloseCause::protocol);
        peer_closed_ = true;
        return finish_close();
    }
    peer_closed_ = true;
    if (state() == ConnectionState::closing) return finish_close();
    const auto& status = std::get<protocol::CloseStatus>(parsed);
    begin_close({status.code, std::string{status.reason}, CloseCause::peer, Initiator::peer});
}

// Section 7.1.7: tell the peer why; nothing that it sends counts any more.
void Connection::fail(CloseCode code, std::string_view why, CloseCause cause) {
    if (state() != ConnectionState::open) return condemn(cause);
    failing_ = true;
    begin_close({code, std::string{why}, cause, Initiator::local});
}

void Connection::callback_failed() {
    loop_.counters().callback_failures.add(1);
    if (state() == ConnectionState::open)
        begin_close({CloseCode::internal_error, "the application failed", CloseCause::local,
                     Initiator::local});
}

}  // namespace wsecho::engine
