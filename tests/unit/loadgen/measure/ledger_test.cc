// What comes back in place of an echo is counted as exactly that.
#include "measure/ledger.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wsecho::loadgen {
namespace {

using Buffer = std::vector<std::uint8_t>;

constexpr std::uint32_t number = 5;  // what the stamps carry; its index is 0

class LedgerTest : public testing::Test {
  protected:
    void use(SizeRange sizes, std::uint32_t window) {
        messages_ = std::make_unique<Messages>(sizes, Opcode::text, false);
        ledger_ = std::make_unique<Ledger>(*messages_, 1, window);
    }
    void SetUp() override { use({256, 256}, 8); }

    void send(std::uint32_t count) {
        for (std::uint32_t index = 0; index < count; ++index)
            ledger_->note_sent(account_, 0, at(account_.sent));
    }
    static Time at(std::uint32_t sequence) { return Time(std::chrono::seconds(sequence + 1)); }
    Buffer echo_of(std::uint32_t sequence) {
        const Bytes payload = messages_->payload({number, sequence});
        return {payload.begin(), payload.end()};
    }
    // Comes in pieces of that size.
    Ledger::Answer come(const Buffer& message, std::size_t piece = SIZE_MAX,
                        Opcode opcode = Opcode::text) {
        Ledger::Answer answer;
        std::size_t position = 0;
        do {
            const std::size_t size = std::min(piece, message.size() - position);
            answer = ledger_->take(account_, 0, number,
                                   {Bytes(message).subspan(position, size), position, opcode,
                                    position + size == message.size(), false});
            position += size;
        } while (position < message.size());
        return answer;
    }
    const Verdicts& verdicts() { return ledger_->verdicts(); }

    std::unique_ptr<Messages> messages_;
    std::unique_ptr<Ledger> ledger_;
    Account account_;
};

TEST_F(LedgerTest, echoes_in_order_are_nothing_special_and_know_when_they_were_sent) {
    send(3);
    for (std::uint32_t sequence = 0; sequence < 3; ++sequence) {
        const Ledger::Answer answer = come(echo_of(sequence));
        EXPECT_TRUE(answer.settled);
        EXPECT_EQ(answer.since, at(sequence));
    }
    EXPECT_EQ(verdicts().all(), 0U);
    EXPECT_EQ(ledger_->outstanding(), 0U);
}

TEST_F(LedgerTest, an_echo_is_known_however_it_is_cut) {
    use({200, 300}, 8);
    for (std::size_t piece = 1; piece < 100; ++piece) {
        send(2);
        EXPECT_TRUE(come(echo_of(account_.answered), piece).settled);
        EXPECT_TRUE(come(echo_of(account_.answered), piece).settled);
    }
    EXPECT_EQ(verdicts().all(), 0U);
    EXPECT_EQ(ledger_->outstanding(), 0U);
}

TEST_F(LedgerTest, messages_of_every_small_size_are_told_apart) {
    for (std::size_t size = 1; size < 70; ++size) {
        account_ = {};
        use({size, size}, 4);
        send(4);
        for (std::uint32_t sequence = 0; sequence < 4; ++sequence)
            EXPECT_TRUE(come(echo_of(sequence)).settled);
        EXPECT_EQ(verdicts().all(), 0U) << size;
    }
}

TEST_F(LedgerTest, one_flipped_bit_is_a_changed_message_wherever_it_is) {
    for (const std::size_t place : {0U, 20U, 45U, 100U, 255U}) {
        send(1);
        Buffer echo = echo_of(account_.answered);
        echo[place] ^= 1U;
        EXPECT_TRUE(come(echo).settled);
    }
    EXPECT_EQ(verdicts().changed, 5U);
    EXPECT_EQ(verdicts().all(), 5U);
    EXPECT_EQ(ledger_->outstanding(), 0U);
}

TEST_F(LedgerTest, a_message_cut_short_or_made_longer_or_of_the_other_type_is_changed) {
    send(3);
    Buffer shorter = echo_of(0);
    shorter.pop_back();
    Buffer longer = echo_of(1);
    longer.push_back('x');
    come(shorter);
    come(longer, 100);
    come(echo_of(2), SIZE_MAX, Opcode::binary);
    EXPECT_EQ(verdicts().changed, 3U);
    EXPECT_EQ(verdicts().all(), 3U);
}

TEST_F(LedgerTest, a_second_echo_is_a_duplicate_and_does_not_disturb_the_next) {
    send(2);
    come(echo_of(0));
    EXPECT_FALSE(come(echo_of(0)).settled);
    EXPECT_TRUE(come(echo_of(1)).settled);
    EXPECT_FALSE(come(echo_of(1)).settled);
    EXPECT_EQ(verdicts().duplicated, 2U);
    EXPECT_EQ(verdicts().all(), 2U);
}

TEST_F(LedgerTest, two_that_changed_places_are_one_reordered) {
    send(3);
    EXPECT_EQ(come(echo_of(1)).since, at(1));
    EXPECT_EQ(come(echo_of(0)).since, at(0));
    EXPECT_TRUE(come(echo_of(2)).settled);
    EXPECT_EQ(verdicts().reordered, 1U);
    EXPECT_EQ(verdicts().all(), 1U);
    EXPECT_EQ(ledger_->outstanding(), 0U);
}

TEST_F(LedgerTest, an_early_one_that_comes_again_is_a_duplicate) {
    send(3);
    come(echo_of(2));
    come(echo_of(2));
    EXPECT_EQ(verdicts().duplicated, 1U);
    EXPECT_EQ(verdicts().all(), 1U);
}

TEST_F(LedgerTest, one_that_never_comes_is_lost_when_the_connection_closes) {
    send(4);
    come(echo_of(0));
    come(echo_of(2));
    come(echo_of(3));
    EXPECT_EQ(account_.outstanding(), 1U);
    ledger_->close(account_);
    EXPECT_EQ(verdicts().lost, 1U);
    EXPECT_EQ(verdicts().all(), 1U);
    EXPECT_EQ(ledger_->outstanding(), 0U);
}

TEST_F(LedgerTest, one_that_is_too_old_is_lost_and_makes_room) {
    send(8);
    EXPECT_EQ(ledger_->room(account_), 0U);
    come(echo_of(1));
    EXPECT_EQ(ledger_->give_up_before(account_, 0, at(2)), 1U);
    EXPECT_EQ(verdicts().lost, 1U);
    EXPECT_EQ(ledger_->room(account_), 2U);
    EXPECT_EQ(ledger_->give_up_before(account_, 0, at(2)), 0U);
}

TEST_F(LedgerTest, one_that_comes_after_it_was_given_up_stays_lost_and_counts_as_nothing_else) {
    send(2);
    ledger_->give_up_before(account_, 0, at(1));
    come(echo_of(0));
    EXPECT_EQ(verdicts().lost, 1U);
    EXPECT_EQ(verdicts().all(), 1U);
}

TEST_F(LedgerTest, a_second_coming_is_recognized_however_late_it_is) {
    for (const std::size_t size : {16U, 256U}) {
        use({size, size}, 1);
        account_ = {};
        for (std::uint32_t sequence = 0; sequence < 5000; ++sequence) {
            send(1);
            come(echo_of(sequence));
        }
        send(1);
        EXPECT_FALSE(come(echo_of(7)).settled);
        EXPECT_TRUE(come(echo_of(5000)).settled);
        EXPECT_EQ(verdicts().duplicated, 1U);
        EXPECT_EQ(verdicts().all(), 1U);
    }
}

TEST_F(LedgerTest, nothing_at_all_is_no_second_coming) {
    send(1);
    come(echo_of(0));
    come({});
    come({'{', ' '});
    EXPECT_EQ(verdicts().unsolicited, 2U);
    EXPECT_EQ(verdicts().all(), 2U);
}

TEST_F(LedgerTest, a_message_that_resembles_none_is_unsolicited) {
    come({'h', 'e', 'l', 'l', 'o'});
    send(1);
    come({'h', 'e', 'l', 'l', 'o'});
    EXPECT_TRUE(come(echo_of(0)).settled);
    EXPECT_EQ(verdicts().unsolicited, 2U);
    EXPECT_EQ(verdicts().all(), 2U);
}

TEST_F(LedgerTest, another_connections_echo_is_unsolicited_when_nothing_is_awaited) {
    const Bytes payload = messages_->payload({number + 1, 0});
    come({payload.begin(), payload.end()});
    EXPECT_EQ(verdicts().unsolicited, 1U);
    EXPECT_EQ(verdicts().all(), 1U);
}

TEST_F(LedgerTest, sequence_numbers_may_wrap_around) {
    account_.sent = account_.answered = UINT32_MAX - 1;
    send(4);
    for (std::uint32_t step = 0; step < 4; ++step)
        EXPECT_TRUE(come(echo_of(UINT32_MAX - 1 + step)).settled);
    EXPECT_EQ(verdicts().all(), 0U);
}

TEST_F(LedgerTest, reordering_across_the_wrap_is_still_one) {
    account_.sent = account_.answered = UINT32_MAX;
    send(3);
    come(echo_of(1));
    come(echo_of(UINT32_MAX));
    come(echo_of(0));
    EXPECT_EQ(verdicts().reordered, 2U);
    EXPECT_EQ(verdicts().all(), 2U);
    EXPECT_EQ(ledger_->outstanding(), 0U);
}

}  // namespace
}  // namespace wsecho::loadgen
