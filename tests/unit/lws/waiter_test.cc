// What waits for descriptors, by epoll and by poll(): the same promises, tried with pipes.
#include "lws/waiter.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <set>
#include <vector>

#include "lws/epoll.h"
#include "lws/listener.h"
#include "lws/poll.h"

namespace wsecho::lws {
namespace {

constexpr int at_once = 0;

class Pipe {
  public:
    Pipe() {
        std::array<int, 2> ends{};
        EXPECT_EQ(::pipe(ends.data()), 0);
        reads_ = Descriptor{ends[0]};
        writes_ = Descriptor{ends[1]};
    }

    [[nodiscard]] int reading_end() const { return reads_.get(); }
    void fill() { EXPECT_EQ(::write(writes_.get(), "x", 1), 1); }
    void hang_up() { writes_ = Descriptor{}; }

  private:
    Descriptor reads_;
    Descriptor writes_;
};

Subject subject_of(const Pipe& pipe) {
    return {Subject::Kind::listener, pipe.reading_end()};
}

template <class Kind>
class waiter : public testing::Test {
  protected:
    bool watch(const Pipe& pipe) {
        return waiter_.add(pipe.reading_end(), EPOLLIN, subject_of(pipe));
    }
    // The descriptors of which one wait with so much room tells.
    std::multiset<int> told(std::size_t room) {
        std::vector<epoll_event> events(room);
        std::multiset<int> descriptors;
        for (const epoll_event& event : waiter_.wait(events, at_once))
            descriptors.insert(Subject{event.data.u64}.descriptor());
        return descriptors;
    }

    Kind waiter_;
};

using Kinds = testing::Types<Epoll, Poll>;
TYPED_TEST_SUITE(waiter, Kinds);

TYPED_TEST(waiter, tells_who_is_ready_and_of_nobody_else) {
    Pipe quiet;
    Pipe full;
    ASSERT_TRUE(this->watch(quiet) && this->watch(full));
    EXPECT_TRUE(this->told(4).empty());
    full.fill();
    EXPECT_EQ(this->told(4), std::multiset{full.reading_end()});
}

TYPED_TEST(waiter, tells_of_a_hang_up_unasked) {
    Pipe pipe;
    ASSERT_TRUE(this->watch(pipe));
    pipe.hang_up();
    std::array<epoll_event, 1> room{};
    const auto events = this->waiter_.wait(room, at_once);
    ASSERT_EQ(events.size(), 1U);
    EXPECT_NE(events[0].events & EPOLLHUP, 0U);
}

TYPED_TEST(waiter, refuses_who_is_watched_already) {
    Pipe pipe;
    ASSERT_TRUE(this->watch(pipe));
    EXPECT_FALSE(this->watch(pipe));
    pipe.fill();
    EXPECT_EQ(this->told(4), std::multiset{pipe.reading_end()});
}

TYPED_TEST(waiter, forgets_who_is_removed_and_no_other) {
    Pipe first;
    Pipe second;
    Pipe third;
    ASSERT_TRUE(this->watch(first) && this->watch(second) && this->watch(third));
    for (Pipe* pipe : {&first, &second, &third})
        pipe->fill();
    this->waiter_.remove(first.reading_end());
    this->waiter_.remove(first.reading_end());  // once more is no harm
    EXPECT_EQ(this->told(4), (std::multiset{second.reading_end(), third.reading_end()}));
    ASSERT_TRUE(this->watch(first));
    EXPECT_EQ(this->told(4).size(), 3U);
}

TYPED_TEST(waiter, asks_for_what_it_was_changed_to) {
    Pipe pipe;
    ASSERT_TRUE(this->watch(pipe));
    pipe.fill();
    this->waiter_.change(pipe.reading_end(), 0, subject_of(pipe));
    EXPECT_TRUE(this->told(4).empty());
    this->waiter_.change(pipe.reading_end(), EPOLLIN, subject_of(pipe));
    EXPECT_EQ(this->told(4), std::multiset{pipe.reading_end()});
}

TYPED_TEST(waiter, gives_each_its_turn_where_more_are_ready_than_there_is_room_for) {
    std::vector<Pipe> pipes(5);
    for (Pipe& pipe : pipes) {
        ASSERT_TRUE(this->watch(pipe));
        pipe.fill();
    }
    std::multiset<int> turns;
    for (int wait = 0; wait < 5; ++wait)
        turns.merge(this->told(2));
    for (const Pipe& pipe : pipes)
        EXPECT_EQ(turns.count(pipe.reading_end()), 2U);
}

}  // namespace
}  // namespace wsecho::lws
