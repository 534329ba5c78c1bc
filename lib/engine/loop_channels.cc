// A loop's part in the server's channels: who of its connections is in which, and what they get.
//
// Locks are taken in this order: the loop's table, the registry of channels, a channel's turn, a
// mailbox.
#include <algorithm>
#include <utility>

#include "engine/channels.h"
#include "engine/loop.h"

namespace wsecho::engine {

namespace {

using Memberships = std::vector<std::shared_ptr<Membership>>;

// Those that have ended stay listed until the loop has read so: who leaves and joins faster than
// that is stopped here.
constexpr std::size_t max_ended_and_listed = 1024;

bool is_full(const Memberships& memberships, std::size_t most) {
    if (memberships.size() < most) return false;
    const auto going_on = static_cast<std::size_t>(std::count_if(
        memberships.begin(), memberships.end(), [](const auto& each) { return each->goes_on(); }));
    return going_on >= most || memberships.size() - going_on >= max_ended_and_listed;
}

// Whatever keeps the first member from joining: the channel that was made for it goes.
class UnusedChannelDropper {
  public:
    UnusedChannelDropper(Channels& channels, const Channel& channel)
        : channels_(channels), channel_(channel) {}
    UnusedChannelDropper(const UnusedChannelDropper&) = delete;
    UnusedChannelDropper& operator=(const UnusedChannelDropper&) = delete;
    ~UnusedChannelDropper() {
        if (!joined_) channels_.drop_if_unused(channel_);
    }
    void joined() noexcept { joined_ = true; }

  private:
    Channels& channels_;
    const Channel& channel_;
    bool joined_ = false;
};

Memberships::iterator find_in(Memberships& memberships, std::string_view name) {
    return std::find_if(memberships.begin(), memberships.end(), [=](const auto& membership) {
        return membership->goes_on() && membership->channel->name() == name;
    });
}

}  // namespace

ErrorCode Loop::subscribe(ConnectionId id, std::string_view name) {
    return subscribe_to(id, name, nullptr);
}

// On this thread what was missed goes out when no lock is held. Nothing can come between: it is
// this thread that delivers.
ErrorCode Loop::subscribe_since(ConnectionId id, std::string_view name, const LastSeen& seen,
                                Missed& missed) {
    const Resumption resumption{seen, missed};
    const auto result = subscribe_to(id, name, &resumption);
    if (result == ErrorCode::ok && is_this_thread())
        find(id)->take_missed(std::exchange(missed.messages, {}));
    return result;
}

ErrorCode Loop::subscribe_to(ConnectionId id, std::string_view name, const Resumption* resumption) {
    for (;;) {
        const std::scoped_lock lock{table_mutex_};
        Connection* connection = find(id);
        if (connection == nullptr) return ErrorCode::gone;
        if (const auto code = connection->check_open(); code != ErrorCode::ok) return code;
        auto& memberships = connection->memberships();
        if (find_in(memberships, name) != memberships.end())
            return resumption == nullptr ? ErrorCode::ok : ErrorCode::wrong_state;
        if (is_full(memberships, options_.max_subscriptions)) return ErrorCode::limit;
        const auto channel = shared_.channels.find_or_make(name);
        if (!channel) return ErrorCode::limit;
        UnusedChannelDropper dropper{shared_.channels, *channel};
        auto membership = std::make_shared<Membership>(channel, *connection);
        memberships.reserve(memberships.size() + 1);  // what fails for want of memory does so here
        const auto joined = join(membership, id, resumption);
        if (joined == ErrorCode::not_found) continue;
        if (joined != ErrorCode::ok) return joined;
        dropper.joined();
        memberships.push_back(std::move(membership));
        return joined;
    }
}

ErrorCode Loop::join(const std::shared_ptr<Membership>& membership, ConnectionId id,
                     const Resumption* resumption) {
    Channel& channel = *membership->channel;
    Channel::Turn turn{channel};
    if (turn.is_retired()) return ErrorCode::not_found;
    if (resumption != nullptr)
        resumption->missed = turn.missed_since(resumption->seen, precise_now());
    if (is_this_thread()) {
        channel.place(*membership, index_);
    } else {
        ChannelNote note{ChannelNote::Kind::join, membership, {}, 0, false, {}};
        std::size_t weight = 0;
        if (resumption != nullptr) {
            note.missed = std::move(resumption->missed.messages);
            weight = letter_bytes + resumption->missed.bytes;
        }
        const auto posted = post_note(std::move(note), turn, id, weight);
        if (posted != ErrorCode::ok) return posted;
    }
    turn.join(*membership, index_);
    return ErrorCode::ok;
}

ErrorCode Loop::unsubscribe(ConnectionId id, std::string_view name) {
    // What waits for the members is for those who leave now, too.
    if (is_this_thread() && fan_out_.channel() != nullptr) deliver_fan_out();
    const std::scoped_lock lock{table_mutex_};
    Connection* connection = find(id);
    if (connection == nullptr) return ErrorCode::gone;
    auto& memberships = connection->memberships();
    const auto found = find_in(memberships, name);
    if (found == memberships.end()) return ErrorCode::not_found;
    const auto membership = *found;
    bool is_unused = false;
    {
        Channel::Turn turn{*membership->channel};
        // What was published before and is still under way is its to get.
        if (!is_this_thread() || turn.is_behind(index_))
            static_cast<void>(
                post_note({ChannelNote::Kind::leave, membership, {}, 0, false, {}}, turn, id));
        else
            forget(*connection, *membership);
        turn.leave(*membership, index_);
        is_unused = turn.is_unused();
    }
    if (is_unused) shared_.channels.drop_if_unused(*membership->channel);
    return ErrorCode::ok;
}

// With the table locked.
void Loop::forget(Connection& connection, Membership& membership) {
    membership.channel->displace(membership, index_);
    auto& memberships = connection.memberships();
    const auto found = std::find_if(memberships.begin(), memberships.end(),
                                    [&](const auto& each) { return each.get() == &membership; });
    *found = std::move(memberships.back());
    memberships.pop_back();
}

// The connection has ended: no other thread finds it any more.
void Loop::leave_all(Connection& connection) {
    for (const auto& membership : std::exchange(connection.memberships(), {})) {
        Channel& channel = *membership->channel;
        channel.displace(*membership, index_);
        membership->ended = true;
        bool is_unused = false;
        {
            Channel::Turn turn{channel};
            turn.leave(*membership, index_);
            is_unused = turn.is_unused();
        }
        if (is_unused) shared_.channels.drop_if_unused(channel);
    }
}

ErrorCode Loop::list_channels(ConnectionId id, std::vector<std::string>& names) {
    const std::scoped_lock lock{table_mutex_};
    Connection* connection = find(id);
    if (connection == nullptr) return ErrorCode::gone;
    for (const auto& membership : connection->memberships())
        if (membership->goes_on()) names.push_back(membership->channel->name());
    return ErrorCode::ok;
}

ErrorCode Loop::offer(Channel::Turn& turn, const std::shared_ptr<Channel>& channel,
                      const SharedMessage& message, std::uint64_t number, ConnectionId except) {
    Letter letter{Letter::Kind::channel, except, message, {}, {}};
    const bool own = is_this_thread();
    letter.note = std::make_unique<ChannelNote>(
        ChannelNote{ChannelNote::Kind::message, {}, channel, number, own, {}});
    const auto posted = post(std::move(letter), weight_of(*message));
    if (posted != ErrorCode::ok) return posted;
    turn.letter_posted(index_);
    if (own) ++own_letters_;
    return posted;
}

ErrorCode Loop::post_note(ChannelNote note, Channel::Turn& turn, ConnectionId id,
                          std::size_t weight) {
    Letter letter{Letter::Kind::channel, id, {}, {}, {}};
    letter.note = std::make_unique<ChannelNote>(std::move(note));
    const auto posted = post(std::move(letter), weight);
    if (posted == ErrorCode::ok) turn.letter_posted(index_);
    return posted;
}

void Loop::obey_note(const Letter& letter) {
    const ChannelNote& note = *letter.note;
    if (note.kind == ChannelNote::Kind::message) {
        if (note.own) --own_letters_;
        deliver(note.channel, letter.message, note.number, letter.id);
        return letter_read(*note.channel);
    }
    Membership& membership = *note.membership;
    if (!membership.ended && note.kind == ChannelNote::Kind::join) {
        membership.channel->place(membership, index_);
        membership.connection.take_missed(note.missed);
    }
    if (!membership.ended && note.kind == ChannelNote::Kind::leave) {
        if (fan_out_.channel() == membership.channel.get()) deliver_fan_out();
        const std::scoped_lock lock{table_mutex_};
        forget(membership.connection, membership);
    }
    letter_read(*membership.channel);
}

void Loop::letter_read(Channel& channel) {
    bool is_unused = false;
    {
        Channel::Turn turn{channel};
        turn.letter_read(index_);
        is_unused = turn.is_unused();
    }
    if (is_unused) shared_.channels.drop_if_unused(channel);
}

}  // namespace wsecho::engine
