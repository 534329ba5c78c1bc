// What became of each message that was sent for an echo: every one comes back once, in order
// and byte for byte, or is counted as what happened to it instead. Knows no socket.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "measure/clock.h"
#include "wire/messages.h"

namespace wsecho::loadgen {

struct Verdicts {
    std::uint64_t lost = 0;         // never came back, or not in time
    std::uint64_t changed = 0;      // came back with other bytes
    std::uint64_t duplicated = 0;   // came back once more
    std::uint64_t reordered = 0;    // came back behind a later one
    std::uint64_t unsolicited = 0;  // came, and nothing like it was sent

    [[nodiscard]] std::uint64_t all() const noexcept {
        return lost + changed + duplicated + reordered + unsolicited;
    }
    void add(const Verdicts& other) noexcept {
        lost += other.lost;
        changed += other.changed;
        duplicated += other.duplicated;
        reordered += other.reordered;
        unsolicited += other.unsolicited;
    }
};

// One connection's messages. Sequence numbers below `answered` are settled.
class Account {
  public:
    std::uint32_t sent = 0;      // the next message's sequence number
    std::uint32_t answered = 0;  // the sequence number that is expected next

    [[nodiscard]] std::uint32_t outstanding() const noexcept {
        return sent - answered -
               (exceptions ? static_cast<std::uint32_t>(exceptions->early.size()) : 0U);
    }

    // The message that is arriving, while it is not simply the expected one in one piece.
    struct Incoming {
        enum class Kind { undecided, outstanding, duplicate, unknown };
        Kind kind = Kind::undecided;
        std::uint32_t sequence = 0;
        std::string prefix;       // of its bytes, until there are enough to decide
        std::uint64_t equal = 0;  // bytes, of an unknown one with the expected one
        bool differs = false;
    };
    // Made when the first thing out of the ordinary comes, and kept.
    struct Exceptions {
        Incoming incoming;
        std::set<std::uint32_t> early;     // came while an earlier one was missing
        std::set<std::uint32_t> given_up;  // counted as lost; the last few
    };
    std::unique_ptr<Exceptions> exceptions;
};

class Ledger {
  public:
    // `window` messages of a connection may be outstanding at once.
    Ledger(Messages& messages, std::uint32_t connections, std::uint32_t window);

    [[nodiscard]] std::uint32_t window() const noexcept { return window_; }
    // How many more may be sent now.
    [[nodiscard]] std::uint32_t room(const Account& account) const noexcept;

    // Writes down that the next message of connection `index` is sent; `time` is what its
    // latency counts from.
    void note_sent(Account& account, std::uint32_t index, Time time) noexcept {
        time_of(index, account.sent++) = time;
        ++outstanding_;
    }

    struct Answer {
        bool settled = false;  // a message came back now, whether changed or not
        Time since;            // what its latency counts from
    };
    // `number` is what the connection's stamps carry, `index` its place among `connections`.
    [[nodiscard]] Answer take(Account& account, std::uint32_t index, std::uint32_t number,
                              const PayloadChunk& chunk) {
        if (chunk.position == 0 && chunk.ends_message && account.answered != account.sent &&
            (!account.exceptions || account.exceptions->early.empty()) &&
            chunk.opcode == messages_.opcode() &&
            equals(chunk.bytes, messages_.payload({number, account.answered}))) {
            --outstanding_;
            return {true, time_of(index, account.answered++)};
        }
        return take_slowly(account, index, number, chunk);
    }

    // Gives up what was sent before `limit` and has not come; returns how many that are.
    std::uint32_t give_up_before(Account& account, std::uint32_t index, Time limit);
    // The connection has ended: all that is outstanding is lost.
    void close(Account& account);

    // Of all connections.
    [[nodiscard]] std::uint64_t outstanding() const noexcept { return outstanding_; }
    [[nodiscard]] const Verdicts& verdicts() const noexcept { return verdicts_; }

  private:
    [[nodiscard]] Time& time_of(std::uint32_t index, std::uint32_t sequence) noexcept {
        return times_[(std::size_t{index} << window_bits_) + (sequence & slot_mask_)];
    }
    static bool equals(Bytes left, Bytes right) noexcept;

    Answer take_slowly(Account& account, std::uint32_t index, std::uint32_t number,
                       const PayloadChunk& chunk);
    void decide(Account& account, std::uint32_t number, Opcode opcode, Bytes prefix);
    void compare(const Account& account, std::uint32_t number, std::uint64_t position, Bytes bytes);
    Answer settle(Account& account, std::uint32_t index, std::uint32_t number, std::uint64_t size);
    Answer settle_outstanding(Account& account, std::uint32_t index, std::uint32_t sequence,
                              bool differs);
    void skip_early(Account& account);
    void give_up_first(Account& account);

    Messages& messages_;
    std::uint32_t window_;
    std::uint32_t window_bits_;
    std::uint32_t slot_mask_;
    std::vector<Time> times_;  // a ring for each connection
    std::uint64_t outstanding_ = 0;
    Verdicts verdicts_;
};

}  // namespace wsecho::loadgen
