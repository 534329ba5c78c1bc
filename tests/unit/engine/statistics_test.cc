// Counters, snapshots and sums. Each field gets a number of its own, so that a field that is
// forgotten, or taken for its neighbour, shows.
#include "engine/statistics.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace wsecho::engine {
namespace {

std::vector<std::uint64_t*> fields_of(Statistics& statistics) {
    std::vector<std::uint64_t*> fields{
        &statistics.connections,      &statistics.connections_total, &statistics.messages_received,
        &statistics.messages_sent,    &statistics.bytes_received,    &statistics.bytes_sent,
        &statistics.bytes_queued,     &statistics.messages_refused,  &statistics.callback_failures,
        &statistics.messages_dropped, &statistics.messages_replaced, &statistics.messages_late,
        &statistics.high_watermarks,  &statistics.rate_pauses,       &statistics.rate_closes};
    for (auto& count : statistics.closes)
        fields.push_back(&count);
    for (auto& count : statistics.refusals)
        fields.push_back(&count);
    return fields;
}

Statistics numbered(std::uint64_t from) {
    Statistics statistics;
    for (std::uint64_t* field : fields_of(statistics))
        *field = from++;
    return statistics;
}

void expect_equal(const Statistics& left, const Statistics& right) {
    EXPECT_EQ(left.connections, right.connections);
    EXPECT_EQ(left.connections_total, right.connections_total);
    EXPECT_EQ(left.messages_received, right.messages_received);
    EXPECT_EQ(left.messages_sent, right.messages_sent);
    EXPECT_EQ(left.bytes_received, right.bytes_received);
    EXPECT_EQ(left.bytes_sent, right.bytes_sent);
    EXPECT_EQ(left.bytes_queued, right.bytes_queued);
    EXPECT_EQ(left.messages_refused, right.messages_refused);
    EXPECT_EQ(left.callback_failures, right.callback_failures);
    EXPECT_EQ(left.messages_dropped, right.messages_dropped);
    EXPECT_EQ(left.messages_replaced, right.messages_replaced);
    EXPECT_EQ(left.messages_late, right.messages_late);
    EXPECT_EQ(left.high_watermarks, right.high_watermarks);
    EXPECT_EQ(left.rate_pauses, right.rate_pauses);
    EXPECT_EQ(left.rate_closes, right.rate_closes);
    EXPECT_EQ(left.closes, right.closes);
    EXPECT_EQ(left.refusals, right.refusals);
}

TEST(statistics, they_hold_nothing_but_what_these_tests_look_at) {
    EXPECT_EQ(sizeof(Statistics), (15 + close_causes + refusal_reasons) * sizeof(std::uint64_t));
}

TEST(statistics, there_is_a_count_for_each_cause_and_each_reason) {
    EXPECT_EQ(static_cast<std::size_t>(CloseCause::memory) + 1, close_causes);
    EXPECT_EQ(static_cast<std::size_t>(RefusalReason::host) + 1, refusal_reasons);
}

TEST(statistics, a_sum_adds_each_field_to_its_own) {
    Statistics sum = numbered(100);
    sum += numbered(1000);
    Statistics expected = numbered(1100);
    std::uint64_t offset = 0;  // 100 + i and 1000 + i make 1100 + 2 i
    for (std::uint64_t* field : fields_of(expected))
        *field += offset++;
    expect_equal(sum, expected);
}

TEST(statistics, nothing_added_changes_nothing) {
    Statistics sum = numbered(7);
    sum += Statistics{};
    expect_equal(sum, numbered(7));
}

TEST(statistics, a_snapshot_reads_each_counter_into_its_own_field) {
    const Statistics expected = numbered(1);
    LoopCounters counters;
    counters.connections.add(expected.connections);
    counters.connections_total.add(expected.connections_total);
    counters.messages_received.add(expected.messages_received);
    counters.messages_sent.add(expected.messages_sent);
    counters.bytes_received.add(expected.bytes_received);
    counters.bytes_sent.add(expected.bytes_sent);
    counters.bytes_queued.add(expected.bytes_queued);
    counters.messages_refused += expected.messages_refused;
    counters.callback_failures.add(expected.callback_failures);
    counters.messages_dropped.add(expected.messages_dropped);
    counters.messages_replaced.add(expected.messages_replaced);
    counters.messages_late.add(expected.messages_late);
    counters.high_watermarks.add(expected.high_watermarks);
    counters.rate_pauses.add(expected.rate_pauses);
    counters.rate_closes.add(expected.rate_closes);
    for (std::size_t i = 0; i < close_causes; ++i)
        counters.closes[i].add(expected.closes[i]);
    for (std::size_t i = 0; i < refusal_reasons; ++i)
        counters.refusals[i].add(expected.refusals[i]);
    expect_equal(counters.read(), expected);
}

TEST(statistics, a_counter_goes_up_and_down) {
    Counter counter;
    EXPECT_EQ(counter.read(), 0U);
    counter.add(5);
    counter.subtract(2);
    EXPECT_EQ(counter.read(), 3U);
    counter.subtract(3);
    EXPECT_EQ(counter.read(), 0U);
}

TEST(statistics, a_reader_on_another_thread_sees_a_count_only_grow_to_its_end) {
    constexpr std::uint64_t end = 200'000;
    Counter counter;
    std::jthread writer{[&] {
        for (std::uint64_t i = 0; i < end; ++i)
            counter.add(1);
    }};
    std::uint64_t before = 0;
    while (before < end) {
        const std::uint64_t seen = counter.read();
        ASSERT_GE(seen, before);
        before = seen;
    }
    EXPECT_EQ(before, end);
}

}  // namespace
}  // namespace wsecho::engine
