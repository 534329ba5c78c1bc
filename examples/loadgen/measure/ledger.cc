// The slow path of Ledger: which message is this, and what does its coming mean for the others?
#include "measure/ledger.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>

#include "wire/stamped_message.h"

namespace wsecho::loadgen {
namespace {

using Kind = Account::Incoming::Kind;

// The stamp is within these first bytes of a message.
constexpr std::size_t stamp_end = 48;
// How far back a second coming is recognized of messages too short for a whole stamp.
constexpr std::uint32_t min_memory = 64;
constexpr std::size_t max_given_up = 1024;

Account::Exceptions& exceptions_of(Account& account) {
    if (!account.exceptions) account.exceptions = std::make_unique<Account::Exceptions>();
    return *account.exceptions;
}

std::uint64_t equal_bytes(Bytes left, Bytes right) {
    std::uint64_t equal = 0;
    for (std::size_t at = 0; at < std::min(left.size(), right.size()); ++at) {
        if (left[at] == right[at]) ++equal;
    }
    return equal;
}

Bytes bytes_of(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// Whether what has come so far, stamp included, is how `whole` begins.
bool begins(Bytes prefix, Bytes whole) {
    const std::size_t size = std::min({prefix.size(), whole.size(), stamp_end});
    if (prefix.size() > whole.size() && whole.size() < stamp_end) return false;
    return std::equal(prefix.begin(), prefix.begin() + static_cast<std::ptrdiff_t>(size),
                      whole.begin());
}

}  // namespace

Ledger::Ledger(Messages& messages, std::uint32_t connections, std::uint32_t window)
    : messages_(messages),
      window_(window),
      window_bits_(static_cast<std::uint32_t>(std::bit_width(std::bit_ceil(window)) - 1)),
      slot_mask_((std::uint32_t{1} << window_bits_) - 1),
      times_(std::size_t{connections} << window_bits_) {}

std::uint32_t Ledger::room(const Account& account) const noexcept {
    // Every sequence number that is not settled needs its slot, early ones too.
    return window_ - std::min(window_, account.sent - account.answered);
}

bool Ledger::equals(Bytes left, Bytes right) noexcept {
    return left.size() == right.size() &&
           (left.empty() || std::memcmp(left.data(), right.data(), left.size()) == 0);
}

Ledger::Answer Ledger::take_slowly(Account& account, std::uint32_t index, std::uint32_t number,
                                   const PayloadChunk& chunk) {
    Account::Incoming& incoming = exceptions_of(account).incoming;
    if (chunk.position == 0) incoming = {};
    if (incoming.kind == Kind::undecided) {
        const bool first = incoming.prefix.empty();
        if (!first || (chunk.bytes.size() < stamp_end && !chunk.ends_message)) {
            const auto* data = reinterpret_cast<const char*>(chunk.bytes.data());
            incoming.prefix.append(data, chunk.bytes.size());
            if (incoming.prefix.size() < stamp_end && !chunk.ends_message) return {};
        }
        const Bytes prefix = incoming.prefix.empty() ? chunk.bytes : bytes_of(incoming.prefix);
        decide(account, number, chunk.opcode, prefix);
        compare(account, number, 0, prefix);
    } else {
        compare(account, number, chunk.position, chunk.bytes);
    }
    if (!chunk.ends_message) return {};
    return settle(account, index, number, chunk.position + chunk.bytes.size());
}

// The expected one first, then the others that are outstanding, then those that have been.
void Ledger::decide(Account& account, std::uint32_t number, Opcode opcode, Bytes prefix) {
    Account::Exceptions& exceptions = *account.exceptions;
    Account::Incoming& incoming = exceptions.incoming;
    const auto is = [&](std::uint32_t sequence, Kind kind) {
        const Bytes whole = messages_.payload({number, sequence});
        if (!begins(prefix, whole)) return false;
        // Too short to tell it from any other: no reason to think that it has been here before.
        if (kind == Kind::duplicate && prefix.size() < std::min(whole.size(), stamp_end)) {
            return false;
        }
        incoming.kind = kind;
        incoming.sequence = sequence;
        return true;
    };
    incoming.differs = opcode != messages_.opcode();
    for (std::uint32_t sequence = account.answered; sequence != account.sent; ++sequence) {
        if (is(sequence,
               exceptions.early.contains(sequence) ? Kind::duplicate : Kind::outstanding)) {
            return;
        }
    }
    const std::uint32_t memory = std::min(std::max(window_, min_memory), account.answered);
    for (std::uint32_t back = 1; back <= memory; ++back) {
        if (is(account.answered - back, Kind::duplicate)) return;
    }
    // What is further back has its number in the stamp.
    const std::optional<std::uint32_t> stamped = stamped_sequence(prefix);
    if (stamped && *stamped < account.answered && is(*stamped, Kind::duplicate)) return;
    incoming.kind = Kind::unknown;
    incoming.sequence = account.answered;
}

void Ledger::compare(const Account& account, std::uint32_t number, std::uint64_t position,
                     Bytes bytes) {
    Account::Incoming& incoming = account.exceptions->incoming;
    const Bytes expected = messages_.payload({number, incoming.sequence});
    const auto start = static_cast<std::size_t>(std::min<std::uint64_t>(position, expected.size()));
    const Bytes rest = expected.subspan(start);
    const Bytes part = rest.first(std::min(rest.size(), bytes.size()));
    if (incoming.kind == Kind::unknown) incoming.equal += equal_bytes(part, bytes);
    if (!equals(part, bytes)) incoming.differs = true;
}

Ledger::Answer Ledger::settle(Account& account, std::uint32_t index, std::uint32_t number,
                              std::uint64_t size) {
    const Account::Incoming& incoming = account.exceptions->incoming;
    const std::size_t expected_size = messages_.payload({number, incoming.sequence}).size();
    switch (incoming.kind) {
        case Kind::undecided:
        case Kind::outstanding:
            return settle_outstanding(account, index, incoming.sequence,
                                      incoming.differs || size != expected_size);
        case Kind::duplicate:
            // One that was given up is counted already, as lost.
            if (account.exceptions->given_up.erase(incoming.sequence) == 0) {
                ++verdicts_.duplicated;
            }
            return {};
        case Kind::unknown:
            break;
    }
    // Not a known stamp. What has the expected one's size, or half of its bytes, is that
    // message with a damaged stamp; anything else was never asked for.
    const bool resembles = size == expected_size || incoming.equal * 2 > expected_size;
    if (account.outstanding() > 0 && resembles) {
        return settle_outstanding(account, index, account.answered, true);
    }
    ++verdicts_.unsolicited;
    return {};
}

Ledger::Answer Ledger::settle_outstanding(Account& account, std::uint32_t index,
                                          std::uint32_t sequence, bool differs) {
    std::set<std::uint32_t>& early = account.exceptions->early;
    if (differs) ++verdicts_.changed;
    if (!early.empty() && sequence - account.answered < *early.rbegin() - account.answered) {
        ++verdicts_.reordered;
    }
    --outstanding_;
    const Answer answer{true, time_of(index, sequence)};
    if (sequence == account.answered) {
        ++account.answered;
        skip_early(account);
    } else {
        early.insert(sequence);
    }
    return answer;
}

void Ledger::skip_early(Account& account) {
    while (account.exceptions->early.erase(account.answered) > 0)
        ++account.answered;
}

void Ledger::give_up_first(Account& account) {
    std::set<std::uint32_t>& given_up = exceptions_of(account).given_up;
    given_up.insert(account.answered++);
    if (given_up.size() > max_given_up) given_up.erase(given_up.begin());
    ++verdicts_.lost;
    --outstanding_;
    skip_early(account);
}

std::uint32_t Ledger::give_up_before(Account& account, std::uint32_t index, Time limit) {
    std::uint32_t count = 0;
    while (account.outstanding() > 0 && time_of(index, account.answered) < limit) {
        give_up_first(account);
        ++count;
    }
    return count;
}

void Ledger::close(Account& account) {
    const std::uint32_t left = account.outstanding();
    verdicts_.lost += left;
    outstanding_ -= left;
    account.answered = account.sent;
    account.exceptions.reset();
}

}  // namespace wsecho::loadgen
