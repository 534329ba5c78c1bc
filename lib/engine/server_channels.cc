// A server's channels, which span its loops.
#include <algorithm>
#include <chrono>

#include "engine/server.h"

namespace wsecho::engine {

namespace {

Status no_name() {
    return {ErrorCode::invalid_argument,
            "channel: must be 1 to 255 bytes without control characters"};
}

constexpr auto finished = [](std::uint64_t) {};

}  // namespace

Status Server::subscribe(ConnectionId id, std::string_view channel) {
    if (!Channels::is_name(channel)) return no_name();
    Loop* loop = loop_of(id);
    return loop == nullptr ? ErrorCode::gone : loop->subscribe(id, channel);
}

Status Server::subscribe_since(ConnectionId id, std::string_view channel, const LastSeen& seen,
                               Missed& missed) {
    if (!Channels::is_name(channel)) return no_name();
    Loop* loop = loop_of(id);
    if (loop == nullptr) return ErrorCode::gone;
    const auto result = loop->subscribe_since(id, channel, seen, missed);
    if (result == ErrorCode::wrong_state) return {result, "the connection is in this channel"};
    return result;
}

Status Server::keep_history(std::string_view name, const runtime::HistoryBounds& bounds) {
    if (!Channels::is_name(name)) return no_name();
    for (;;) {
        const auto channel =
            bounds.keep_nothing() ? channels_.find(name) : channels_.find_or_make(name);
        if (!channel) return bounds.keep_nothing() ? ErrorCode::ok : ErrorCode::limit;
        bool is_unused = false;
        {
            Channel::Turn turn{*channel};
            if (turn.is_retired()) continue;
            turn.keep(bounds);
            is_unused = turn.is_unused();
        }
        if (is_unused) channels_.drop_if_unused(*channel);
        return {};
    }
}

ErrorCode Server::unsubscribe(ConnectionId id, std::string_view channel) {
    Loop* loop = loop_of(id);
    return loop == nullptr ? ErrorCode::gone : loop->unsubscribe(id, channel);
}

// Each loop with members gets it in the channel's turn, so that all see one order. The caller's own
// delivers at once, unless what was published before is still under way to it.
template <class Finish>
ErrorCode Server::publish_to(const std::shared_ptr<Channel>& channel, const SharedMessage& message,
                             ConnectionId except, std::uint64_t& number, Finish&& finish) {
    ErrorCode result = ErrorCode::ok;
    Loop* here = nullptr;
    {
        Channel::Turn turn{*channel};
        if (!turn.is_heard()) return ErrorCode::ok;
        number = turn.publish();
        finish(number);
        if (turn.keeps()) turn.record(message, std::chrono::steady_clock::now());
        for (unsigned i = 0; i < loop_count_; ++i) {
            Loop& loop = *loops_[i];
            if (turn.members(i) == 0) continue;
            if (loop.delivers_at_once(turn))
                here = &loop;
            else if (const auto code = loop.offer(turn, channel, message, number, except);
                     code != ErrorCode::ok)
                result = code;
        }
    }
    if (here != nullptr) here->deliver(channel, message, number, except);
    return result;
}

// Nothing is encoded for a channel that is not there.
template <class Publish>
ErrorCode Server::publish_if_heard(std::string_view name, std::size_t frame_size,
                                   std::uint64_t& number, Publish&& publish) {
    number = 0;
    if (const auto may = may_go_to_many(frame_size); may != ErrorCode::ok) return may;
    const auto channel = channels_.find(name);
    return channel ? publish(channel) : ErrorCode::ok;
}

ErrorCode Server::publish(std::string_view name, protocol::Opcode opcode,
                          std::span<const std::uint8_t> payload, ConnectionId except,
                          std::uint64_t& number) {
    return publish_if_heard(name, protocol::server_frame_size(payload.size()), number,
                            [&](const std::shared_ptr<Channel>& channel) {
                                return publish_to(channel, prepare(opcode, payload), except, number,
                                                  finished);
                            });
}

ErrorCode Server::publish(std::string_view name, const SharedMessage& message, ConnectionId except,
                          std::uint64_t& number) {
    return publish_if_heard(name, message->frame().size(), number,
                            [&](const std::shared_ptr<Channel>& channel) {
                                return publish_to(channel, message, except, number, finished);
                            });
}

ErrorCode Server::publish_numbered(std::string_view name, protocol::Opcode opcode,
                                   std::span<const std::uint8_t> payload, std::size_t number_at,
                                   ConnectionId except, std::uint64_t& number) {
    return publish_if_heard(
        name, protocol::server_frame_size(payload.size()), number,
        [&](const std::shared_ptr<Channel>& channel) {
            const auto message = std::make_shared<PreparedMessage>(opcode, payload);
            return publish_to(channel, message, except, number, [&](std::uint64_t given) {
                message->write_number(number_at, given);
            });
        });
}

std::size_t Server::channel_size(std::string_view name) const {
    const auto channel = channels_.find(name);
    return channel ? Channel::Turn{*channel}.size() : 0;
}

ErrorCode Server::list_channels(ConnectionId id, std::vector<std::string>& names) {
    Loop* loop = loop_of(id);
    if (loop == nullptr) return ErrorCode::gone;
    const auto result = loop->list_channels(id, names);
    std::sort(names.begin(), names.end());
    return result;
}

}  // namespace wsecho::engine
