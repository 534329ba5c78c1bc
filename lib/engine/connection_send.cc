// Frames out: straight to the socket where that is right, else through the queue.
//
// The answers of a connection that is being served gather in the loop's outbox, with those of a few
// others. Of what is sent to it at other times, or is large, the first message of a pass goes
// straight out; the others gather in its queue.
#include <sys/uio.h>

#include <algorithm>
#include <array>

#include "engine/connection.h"
#include "engine/loop.h"
#include "engine/served_path.h"

namespace wsecho::engine {

using protocol::Opcode;
using protocol::ServerHeader;

namespace {

// Below this a copy next to the header is cheaper than a second part for the kernel to look at.
constexpr std::size_t copy_below = 4096;
constexpr std::size_t max_parts = 64;
// Copying this much into the kernel takes a fraction of a millisecond.
constexpr std::size_t max_flush = 1UL << 20U;

}  // namespace

bool Connection::has_room(std::size_t frame_size) const noexcept {
    const std::size_t bound = path_->limits.max_queued_bytes;
    return frame_size <= bound && queued_bytes() <= bound - frame_size;
}

// The time is not looked at for nothing.
bool Connection::is_late(const PreparedMessage& message) const {
    return message.has_deadline() && message.is_late(loop_.now());
}

// What is held back counts, too: the kernel may not take it, so that it is queued.
bool Connection::make_room(std::size_t frame_size, std::uint64_t key) {
    const auto& outbox = loop_.outbox();
    if (held_ && !(outbox.ends_with(*this) && has_room(outbox.last_size() + frame_size)))
        release_held();
    if (has_room(frame_size) && has_shared_room(frame_size) && !(queue_ && is_crowded(1)))
        return true;
    return make_room_by_policy(frame_size, key);
}

ErrorCode Connection::admit_message(std::size_t frame_size, const runtime::WaitingTerms& terms) {
    if (const auto code = check_open(); code != ErrorCode::ok) return code;
    if (!make_room(frame_size, terms.key)) {
        if (frame_size > path_->limits.max_queued_bytes) return ErrorCode::too_big;
        loop_.counters().count_refused();
        return ErrorCode::backpressure;
    }
    count_message_sent();
    return ErrorCode::ok;
}

ErrorCode Connection::send(Opcode opcode, std::span<const std::uint8_t> payload) {
    if (compresses_ && loop_.deflate().is_worth_it(payload.size()))
        return send_compressed(opcode, payload);
    const auto admitted =
        admit_message(protocol::server_frame_size(payload.size()) + masking_size());
    if (admitted == ErrorCode::ok) transmit(opcode, payload);
    return admitted;
}

ErrorCode Connection::send_compressed(Opcode opcode, std::span<const std::uint8_t> payload) {
    // It leaves before, and the peer's window has it before: nothing may be compressed ahead of it.
    if (!loop_.fan_out().empty()) catch_up();
    // It may be dropped, so nothing may refer to it.
    if (queue_ && waits_whole()) return send(prepare(opcode, payload));
    ConnectionDeflate& deflate = *details_->deflate;
    const auto compressed = loop_.deflate().compress(deflate, payload);
    const bool is_smaller = compressed.size() < payload.size();
    const auto sent = is_smaller ? compressed : payload;
    const ServerHeader header{opcode, sent.size(), is_smaller};
    const auto admitted = admit_message(header.bytes().size() + sent.size());
    if (admitted == ErrorCode::ok) transmit(opcode, header, sent);
    // The peer's window does not have what was compressed.
    if (admitted != ErrorCode::ok || !is_smaller) deflate.forget();
    return admitted;
}

const SharedMessage& Connection::form_of(const SharedMessage& message) {
    if (!compresses_ || !loop_.deflate().shares_forms(*details_->deflate)) return message;
    const SharedMessage& form = loop_.deflate().form_of(message);
    if (form != message) details_->deflate->forget();
    return form;
}

const SharedMessage& Connection::form_of(FanOut& batch) {
    if (!compresses_ || !loop_.deflate().shares_forms(*details_->deflate)) return batch.joined();
    details_->deflate->forget();
    return batch.joined(loop_.deflate());
}

ErrorCode Connection::send(const SharedMessage& message) {
    if (is_late(*message)) return ErrorCode::late;
    const SharedMessage& form = form_of(message);
    const auto admitted = admit_message(form->frame().size() + masking_size(), message->terms());
    if (admitted == ErrorCode::ok) transmit_shared(form);
    return admitted;
}

void Connection::send_reserved(const SharedMessage& message) {
    if (is_late(*message)) {
        loop_.counters().messages_late.add(1);
        return forget_reserved(message->frame().size() + masking_size());
    }
    if (state() == ConnectionState::open) {
        count_message_sent();
        if (!loop_.fan_out().empty()) catch_up();
        const SharedMessage& form = form_of(message);
        forget_reserved(message->frame().size() - form->frame().size());
        append(form);
        keep_to_bound();
        return watch_queue();
    }
    loop_.counters().count_refused();
    forget_reserved(message->frame().size() + masking_size());
}

void Connection::forget_reserved(std::size_t bytes) noexcept {
    queued_bytes_.subtract(bytes);
    loop_.counters().bytes_queued.subtract(bytes);
}

bool Connection::may_write_now() const noexcept {
    return !queue_ && !held_ && !more_follows_ && !blocked_ && written_in_pass_ != loop_.pass();
}

// Not a close frame: what comes of it waits for it to be gone. Nor a ping, whose time has been
// taken.
bool Connection::may_hold_back(std::size_t frame_size) const noexcept {
    return loop_.serves(*this) && state() == ConnectionState::open && !queue_ && !blocked_ &&
           loop_.outbox().has_room(*this, frame_size) &&
           (!held_ || loop_.outbox().ends_with(*this));
}

// What was published to many before a frame that goes out now comes before it.
void Connection::catch_up() {
    if (loop_.fan_out().channel() == nullptr)
        take_fan_out();
    else
        loop_.deliver_fan_out();
}

void Connection::skip_fan_out() {
    fan_out_generation_ = loop_.fan_out().generation();
    fan_out_taken_ = loop_.fan_out().size();
}

void Connection::take_fan_out() {
    const FanOut& batch = loop_.fan_out();
    const std::uint32_t taken =
        fan_out_generation_ == batch.generation() ? fan_out_taken_ : std::uint32_t{0};
    skip_fan_out();
    take_from(taken, [](const FanOut::Entry&) { return true; });
}

void Connection::take_fan_out_of(const Membership& membership) {
    take_from(0, [&](const FanOut::Entry& entry) { return membership.gets(entry.number); });
}

bool Connection::may_take_whole(const FanOut& batch) const noexcept {
    return has_room(batch.bytes()) &&
           (queued_bytes() == 0 || loop_.has_queue_room(batch.bytes())) && !batch.leaves_out(id_) &&
           !batch.has_terms() && !(queue_ && waits_whole()) && !is_client_;
}

// Who gets the first and the last of a batch gets what is between them, too.
template <class Gets>
void Connection::take_from(std::size_t first, Gets&& gets) {
    if (state() != ConnectionState::open) return;
    release_held();
    FanOut& batch = loop_.fan_out();
    const auto entries = std::span{batch.entries()}.subspan(first);
    if (first == 0 && gets(entries.front()) && gets(entries.back()) && may_take_whole(batch))
        return take_whole(batch);
    for (const FanOut::Entry& entry : entries)
        if (gets(entry) && entry.except != id_) take_published(entry.message);
}

void Connection::take_missed(std::span<const SharedMessage> messages) {
    if (messages.empty() || state() != ConnectionState::open) return;
    if (!loop_.fan_out().empty()) catch_up();
    for (const SharedMessage& message : messages)
        take_published(message);
}

// One write for a pass: batches of many channels in turn are no reason for more.
void Connection::take_whole(FanOut& batch) {
    count_message_sent(batch.size());
    const SharedMessage& frames = form_of(batch);
    if (queue_ || blocked_ || written_in_pass_ == loop_.pass()) return enqueue(frames);
    written_in_pass_ = loop_.pass();
    write_shared(frames);
}

void Connection::take_published(const SharedMessage& message) {
    if (is_late(*message)) return loop_.counters().messages_late.add(1);
    const SharedMessage& form = form_of(message);
    if (!make_room(form->frame().size() + masking_size(), message->terms().key)) {
        loop_.counters().count_refused();
        return;
    }
    count_message_sent();
    enqueue(form);
}

void Connection::enqueue(const SharedMessage& message) {
    append(message);
    account_queued(message->frame().size() + masking_size());
}

void Connection::append(const SharedMessage& message) {
    SendQueue& waiting = queue();
    if (message->terms().are_any() || waits_whole()) return keep_whole(message);
    if (is_client_) return append_masked(*message);
    waiting.append_or_copy(message);
}

// As transmit(), but that what has to wait is not copied.
void Connection::transmit_shared(const SharedMessage& message) {
    if (!loop_.fan_out().empty()) catch_up();
    if (is_client_) return transmit_shared_masked(message);
    const auto frame = message->frame();
    if (may_hold_back(frame.size())) return hold_back({}, frame);
    if (!may_write_now()) return enqueue(message);
    written_in_pass_ = loop_.pass();
    write_shared(message);
}

void Connection::write_shared(const SharedMessage& message) {
    const auto frame = message->frame();
    const auto result = socket_.write(frame);
    if (result.failed) return condemn(CloseCause::tcp);
    count_sent(result.written);
    if (result.written == frame.size()) return;
    queue().append(message, result.written);
    account_queued(frame.size() - result.written);
    block();
}

void Connection::transmit(Opcode opcode, std::span<const std::uint8_t> payload) {
    if (is_client_) return transmit_masked(opcode, payload);
    transmit(opcode, ServerHeader{opcode, payload.size()}, payload);
}

void Connection::transmit(Opcode opcode, const ServerHeader& header,
                          std::span<const std::uint8_t> payload) {
    if (!loop_.fan_out().empty()) catch_up();
    if (opcode != Opcode::ping && may_hold_back(header.bytes().size() + payload.size()))
        return hold_back(header.bytes(), payload);
    if (may_write_now()) return transmit_now(header.bytes(), payload);
    if (queue_ && !protocol::is_control(opcode) && !header.is_compressed() && waits_whole())
        return enqueue(prepare(opcode, payload));
    queue().append(header, payload);
    account_queued(header.bytes().size() + payload.size());
}

void Connection::hold_back(std::span<const std::uint8_t> header,
                           std::span<const std::uint8_t> payload) {
    held_ = true;
    written_in_pass_ = loop_.pass();
    loop_.outbox().hold(*this, header, payload);
}

void Connection::transmit_bytes(std::string_view bytes) {
    transmit_now({}, {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

void Connection::transmit_now(std::span<const std::uint8_t> header,
                              std::span<const std::uint8_t> payload) {
    written_in_pass_ = loop_.pass();
    const std::size_t size = header.size() + payload.size();
    lws::WriteResult result;
    if (size <= copy_below) {
        std::array<std::uint8_t, copy_below> frame;  // NOLINT(*-member-init): written below
        const auto behind = std::copy(header.begin(), header.end(), frame.begin());
        std::copy(payload.begin(), payload.end(), behind);
        result = socket_.write(std::span<const std::uint8_t>{frame.data(), size});
    } else {
        const std::array<iovec, 2> parts{
            iovec{const_cast<std::uint8_t*>(header.data()), header.size()},
            iovec{const_cast<std::uint8_t*>(payload.data()), payload.size()}};
        result = socket_.write(parts);
    }
    wrote(result, header, payload);
}

void Connection::release_held() {
    if (held_) loop_.flush_outbox();
}

void Connection::write_held(std::span<const std::uint8_t> frames) {
    held_ = false;
    wrote(socket_.write(frames), {}, frames);
}

void Connection::wrote(lws::WriteResult result, std::span<const std::uint8_t> header,
                       std::span<const std::uint8_t> payload) {
    const std::size_t size = header.size() + payload.size();
    if (result.failed) return condemn(CloseCause::tcp);
    count_sent(result.written);
    if (result.written == size) return;

    const std::size_t of_header = std::min(result.written, header.size());
    queue().append_rest(header.subspan(of_header), payload.subspan(result.written - of_header));
    account_queued(size - result.written);
    block();
}

void Connection::count_message_sent(std::uint64_t messages) noexcept {
    loop_.counters().messages_sent.add(messages);
    traffic_.messages_sent += messages;
}

void Connection::count_sent(std::size_t bytes) noexcept {
    loop_.counters().bytes_sent.add(bytes);
    traffic_.bytes_sent += bytes;
}

// Loop thread; the bytes count against the bounds from here on.
void Connection::account_queued(std::size_t bytes) {
    queued_bytes_.add(bytes);
    loop_.counters().bytes_queued.add(bytes);
    loop_.queue_grew(*this, *queue_);
    watch_queue();
}

// For what comes next: a frame that is held back leaves before, or what is left of it comes first.
SendQueue& Connection::queue() {
    release_held();
    if (!queue_) {
        queue_ = loop_.take_queue();
        queue_->set_moved_at(loop_.now());
    }
    if (!dirty_ && !blocked_) {
        dirty_ = true;
        loop_.mark_dirty(id_);
    }
    return *queue_;
}

void Connection::release_queue() {
    if (!queue_) return;
    queue_->place().leave();
    loop_.give_back_queue(std::move(queue_));
}

// From here on the peer has its time to read something.
void Connection::block() {
    blocked_ = true;
    if (state() == ConnectionState::closed) return;
    socket_.want_writable();
    if (path_ != nullptr && path_->limits.send_timeout.count() > 0) schedule();
}

void Connection::written(std::size_t bytes) {
    queue_->consume(bytes);
    queued_bytes_.subtract(bytes);
    loop_.counters().bytes_queued.subtract(bytes);
    if (bytes > 0) queue_->set_moved_at(loop_.now());
    loop_.rank_queue(*this, *queue_);
    watch_queue();
    count_sent(bytes);
}

// Writes what waits until it is gone or the kernel takes no more, or others have to have their
// turn.
void Connection::flush() {
    dirty_ = false;
    release_held();
    std::size_t taken = 0;
    while (queue_ && !blocked_ && !condemned_) {
        refill();
        if (!queue_) break;
        std::array<iovec, max_parts> parts;  // NOLINT(*-member-init): filled in by peek()
        const std::size_t count = queue_->peek(parts);
        std::size_t asked = 0;
        for (std::size_t i = 0; i < count; ++i)
            asked += parts[i].iov_len;

        const auto result = socket_.write(std::span<const iovec>{parts.data(), count});
        written_in_pass_ = loop_.pass();
        if (result.failed) return condemn(CloseCause::tcp);
        written(result.written);
        if (queue_->empty())
            release_queue();
        else if ((taken += result.written) >= max_flush || result.written < asked)
            block();
    }
    finish_close();
}

}  // namespace wsecho::engine
