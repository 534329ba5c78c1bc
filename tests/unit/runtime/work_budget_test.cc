// A turn's bounds, each by itself, and how seldom the clock is read.
#include "runtime/work_budget.h"

#include <gtest/gtest.h>

namespace wsecho::runtime {
namespace {

using std::chrono::microseconds;

constexpr WorkLimits limits{.frames = 100,
                            .bytes = 10'000,
                            .inflated_bytes = 5'000,
                            .heavy_bytes = 2'000,
                            .time = microseconds{50}};

// A clock that goes on by `step` whenever it is read.
struct Clock {
    Duration step{0};
    TimePoint now{};
    int reads = 0;

    auto reader() {
        return [this] {
            ++reads;
            return now += step;
        };
    }
};

// How many frames of a size a turn has room for.
int frames_of_a_turn(WorkBudget& work, Clock& clock, std::size_t size) {
    work.begin();
    int count = 1;
    while (work.spend(true, size, size, clock.reader()))
        ++count;
    EXPECT_TRUE(work.is_over());
    return count;
}

TEST(work_budget, a_turn_ends_with_its_frames) {
    WorkBudget work{limits};
    Clock clock;
    EXPECT_EQ(frames_of_a_turn(work, clock, 0), 100);
}

TEST(work_budget, a_turn_ends_with_its_bytes) {
    WorkBudget work{limits};
    Clock clock;
    EXPECT_EQ(frames_of_a_turn(work, clock, 1000), 10);
    EXPECT_EQ(frames_of_a_turn(work, clock, 20'000), 1) << "no message is cut short";
}

TEST(work_budget, a_turn_ends_with_what_its_data_inflates_to) {
    WorkBudget work{limits};
    work.begin();
    EXPECT_TRUE(work.spend_inflated(4'999));
    EXPECT_FALSE(work.spend_inflated(1));
    EXPECT_TRUE(work.is_over());
}

TEST(work_budget, a_turn_ends_with_its_time) {
    WorkBudget work{limits};
    Clock slow{.step = microseconds{60}};
    EXPECT_LE(frames_of_a_turn(work, slow, 0), 4);
    Clock quick{.step = microseconds{10}};
    EXPECT_GT(frames_of_a_turn(work, quick, 0), 30);
}

TEST(work_budget, a_new_turn_has_all_of_it_again) {
    WorkBudget work{limits};
    Clock clock;
    EXPECT_EQ(frames_of_a_turn(work, clock, 0), 100);
    EXPECT_EQ(frames_of_a_turn(work, clock, 0), 100);
}

TEST(work_budget, a_turn_is_heavy_by_its_bytes_by_what_they_inflate_to_or_by_a_large_frame) {
    WorkBudget work{limits};
    Clock clock;
    work.begin();
    work.spend(true, 1'999, 1'999, clock.reader());
    EXPECT_FALSE(work.is_heavy());
    work.spend(false, 1, 100, clock.reader());
    EXPECT_TRUE(work.is_heavy());
    work.begin();
    EXPECT_FALSE(work.is_heavy());
    work.spend(false, 1, 2'000, clock.reader());
    EXPECT_TRUE(work.is_heavy());
    work.begin();
    work.spend_inflated(2'000);
    EXPECT_TRUE(work.is_heavy());
}

TEST(work_budget, pieces_of_one_frame_are_one_frame) {
    WorkBudget work{limits};
    Clock clock;
    work.begin();
    for (int i = 0; i < 500; ++i)
        EXPECT_TRUE(work.spend(false, 1, 500, clock.reader()));
    EXPECT_EQ(clock.reads, 0);
}

TEST(work_budget, one_frame_in_a_turn_reads_no_clock_and_many_read_it_seldom) {
    WorkBudget work{limits};
    Clock clock;
    work.begin();
    work.spend(true, 100, 100, clock.reader());
    EXPECT_EQ(clock.reads, 0);
    for (int i = 1; i < 100; ++i)
        work.spend(true, 0, 0, clock.reader());
    EXPECT_LE(clock.reads, 10);
    EXPECT_GE(clock.reads, 5);
}

}  // namespace
}  // namespace wsecho::runtime
