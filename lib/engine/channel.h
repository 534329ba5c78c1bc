// A named set of connections of all loops, to which messages are published.
//
// Who is in it is judged when a message is published: each message has a number, and a membership
// begins and ends behind one. So it does not matter that a loop learns of either by a letter, or
// that the members' list of a loop is changed later or earlier than that.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "engine/channel_history.h"
#include "engine/prepared_message.h"
#include "runtime/time.h"

namespace wsecho::engine {

class Channel;
class Connection;

// A connection's place in a channel, from a subscription to its end.
struct Membership {
    static constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

    Membership(std::shared_ptr<Channel> of, Connection& member)
        : channel(std::move(of)), connection(member) {}

    [[nodiscard]] bool goes_on() const noexcept {
        return left.load(std::memory_order_acquire) == never;
    }
    [[nodiscard]] bool gets(std::uint64_t number) const noexcept {
        return joined < number && number <= left.load(std::memory_order_acquire);
    }

    const std::shared_ptr<Channel> channel;
    Connection& connection;  // is there for as long as this is in a list of its loop
    std::uint64_t joined = 0;
    std::atomic<std::uint64_t> left{never};

    // Of the connection's loop alone: the place in the channel's list, if it has one.
    static constexpr std::size_t nowhere = std::numeric_limits<std::size_t>::max();
    std::size_t index = nowhere;
    bool ended = false;  // with the connection: a letter that is still under way is void
};

class Channel {
  public:
    // The epoch tells the numbers of this channel from those of another of its name.
    Channel(std::string name, std::uint64_t epoch, unsigned loops)
        : name_(std::move(name)), epoch_(epoch), of_loops_(loops) {}

    [[nodiscard]] const std::string& name() const noexcept { return name_; }

    // --- Any thread: what a turn gives out is in one order for all ---

    class Turn {
      public:
        explicit Turn(Channel& channel) : channel_(channel), lock_(channel.mutex_) {}

        // Taken out of the registry: look for the name again.
        [[nodiscard]] bool is_retired() const noexcept { return channel_.retired_; }
        void retire() noexcept { channel_.retired_ = true; }
        [[nodiscard]] std::size_t size() const noexcept { return channel_.size_; }

        void join(Membership& membership, unsigned loop) noexcept;
        // Does nothing where it has ended before.
        void leave(Membership& membership, unsigned loop) noexcept;
        [[nodiscard]] bool keeps() const noexcept { return channel_.history_ != nullptr; }
        // Would anybody get, or miss, what is published?
        [[nodiscard]] bool is_heard() const noexcept { return channel_.size_ != 0 || keeps(); }
        [[nodiscard]] std::uint64_t publish() noexcept { return ++channel_.published_; }

        // From here on as much is kept as the bounds allow; by others than before, what was kept
        // goes. Bounds of nothing end it.
        void keep(const runtime::HistoryBounds& bounds);
        // The message that was published last; only where it keeps any.
        void record(const SharedMessage& message, runtime::TimePoint now);
        [[nodiscard]] Missed missed_since(const LastSeen& seen, runtime::TimePoint now);

        [[nodiscard]] std::size_t members(unsigned loop) const noexcept {
            return channel_.of_loops_[loop].members;
        }
        // Letters about this channel that the loop has not read: until then its list is behind.
        [[nodiscard]] bool is_behind(unsigned loop) const noexcept {
            return channel_.of_loops_[loop].letters != 0;
        }
        void letter_posted(unsigned loop) noexcept {
            ++channel_.of_loops_[loop].letters;
            ++channel_.letters_;
        }
        void letter_read(unsigned loop) noexcept {
            --channel_.of_loops_[loop].letters;
            --channel_.letters_;
        }
        // Another of its name, made now, would not come before or behind it.
        [[nodiscard]] bool is_unused() const noexcept {
            return channel_.size_ == 0 && channel_.letters_ == 0 && !channel_.history_;
        }

      private:
        Channel& channel_;
        std::scoped_lock<std::mutex> lock_;
    };

    // --- A loop's thread: the list of its members ---

    void place(Membership& membership, unsigned loop);
    void displace(Membership& membership, unsigned loop) noexcept;
    [[nodiscard]] const std::vector<Membership*>& placed(unsigned loop) const noexcept {
        return of_loops_[loop].placed;
    }

  private:
    struct OfLoop {
        std::size_t members = 0;          // in a turn
        std::size_t letters = 0;          // in a turn
        std::vector<Membership*> placed;  // the loop's thread
    };

    const std::string name_;
    const std::uint64_t epoch_;
    std::mutex mutex_;
    std::uint64_t published_ = 0;
    std::size_t size_ = 0;
    std::size_t letters_ = 0;  // of all loops
    bool retired_ = false;
    std::unique_ptr<ChannelHistory> history_;
    std::vector<OfLoop> of_loops_;
};

// What a loop is told of a channel.
struct ChannelNote {
    enum class Kind : std::uint8_t { join, leave, message };
    Kind kind{};
    std::shared_ptr<Membership> membership;  // of a join or a leave
    std::shared_ptr<Channel> channel;        // of a message, which has this number
    std::uint64_t number = 0;
    bool own = false;                   // published on the loop's own thread
    std::vector<SharedMessage> missed;  // for who joins
};

}  // namespace wsecho::engine
