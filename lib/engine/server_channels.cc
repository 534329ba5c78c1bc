// A server's channels, which span its loops.
#include <algorithm>

#include "engine/server.h"

namespace wsecho::engine {

Status Server::subscribe(ConnectionId id, std::string_view channel) {
    if (!Channels::is_name(channel))
        return {ErrorCode::invalid_argument,
                "channel: must be 1 to 255 bytes without control characters"};
    Loop* loop = loop_of(id);
    return loop == nullptr ? ErrorCode::gone : loop->subscribe(id, channel);
}

ErrorCode Server::unsubscribe(ConnectionId id, std::string_view channel) {
    Loop* loop = loop_of(id);
    return loop == nullptr ? ErrorCode::gone : loop->unsubscribe(id, channel);
}

ErrorCode Server::publish(std::string_view name, protocol::Opcode opcode,
                          std::span<const std::uint8_t> payload, ConnectionId except,
                          std::uint64_t& number) {
    number = 0;
    const auto may = may_go_to_many(protocol::server_frame_size(payload.size()));
    if (may != ErrorCode::ok) return may;
    const auto channel = channels_.find(name);
    return channel ? publish_to(channel, prepare(opcode, payload), except, number) : ErrorCode::ok;
}

ErrorCode Server::publish(std::string_view name, const SharedMessage& message, ConnectionId except,
                          std::uint64_t& number) {
    number = 0;
    const auto may = may_go_to_many(message->frame().size());
    if (may != ErrorCode::ok) return may;
    const auto channel = channels_.find(name);
    return channel ? publish_to(channel, message, except, number) : ErrorCode::ok;
}

// Each loop with members gets it in the channel's turn, so that all see one order. The caller's own
// delivers at once, unless what was published before is still under way to it.
ErrorCode Server::publish_to(const std::shared_ptr<Channel>& channel, const SharedMessage& message,
                             ConnectionId except, std::uint64_t& number) {
    ErrorCode result = ErrorCode::ok;
    Loop* here = nullptr;
    {
        Channel::Turn turn{*channel};
        if (turn.size() == 0) return ErrorCode::ok;
        number = turn.publish();
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
