// What waits for descriptors, by epoll, poll() and libuv: the same promises, tried with pipes.
#include "lws/waiter.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <set>
#include <span>
#include <type_traits>
#include <vector>

#include "lws/epoll.h"
#include "lws/listener.h"
#include "lws/poll.h"
#ifdef WSECHO_HAS_LIBUV
#include "lws/libuv.h"
#endif

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
class waiter : public testing::Test, private ReadyEvents {
  protected:
    bool watch(const Pipe& pipe) {
        return waiter_.add(pipe.reading_end(), EPOLLIN, subject_of(pipe));
    }
    void wait(int milliseconds) { waiter_.wait(milliseconds, *this); }
    // The descriptors of which one wait tells.
    std::multiset<int> told() {
        events_.clear();
        largest_batch_ = 0;
        wait(at_once);
        std::multiset<int> descriptors;
        for (const epoll_event& event : events_)
            descriptors.insert(Subject{event.data.u64}.descriptor());
        return descriptors;
    }

    std::vector<epoll_event> events_;
    std::size_t largest_batch_ = 0;
    Kind waiter_;

  private:
    void on_ready(std::span<const epoll_event> batch) override {
        events_.insert(events_.end(), batch.begin(), batch.end());
        largest_batch_ = std::max(largest_batch_, batch.size());
    }
};

#ifdef WSECHO_HAS_LIBUV
using Kinds = testing::Types<Epoll, Poll, Libuv>;
template <class Kind>
constexpr bool is_libuv = std::is_same_v<Kind, Libuv>;
#else
using Kinds = testing::Types<Epoll, Poll>;
template <class Kind>
constexpr bool is_libuv = false;
#endif
TYPED_TEST_SUITE(waiter, Kinds);

TYPED_TEST(waiter, tells_who_is_ready_and_of_nobody_else) {
    Pipe quiet;
    Pipe full;
    ASSERT_TRUE(this->watch(quiet) && this->watch(full));
    EXPECT_TRUE(this->told().empty());
    full.fill();
    EXPECT_EQ(this->told(), std::multiset{full.reading_end()});
}

TYPED_TEST(waiter, tells_of_a_hang_up_unasked) {
    Pipe pipe;
    ASSERT_TRUE(this->watch(pipe));
    pipe.hang_up();
    ASSERT_EQ(this->told(), std::multiset{pipe.reading_end()});
    // libuv tells of it as of bytes: reading finds the end.
    const bool is_said = !is_libuv<TypeParam>;
    EXPECT_NE(this->events_[0].events & (is_said ? EPOLLHUP : EPOLLIN), 0U);
}

TYPED_TEST(waiter, refuses_who_is_watched_already) {
    Pipe pipe;
    ASSERT_TRUE(this->watch(pipe));
    EXPECT_FALSE(this->watch(pipe));
    pipe.fill();
    EXPECT_EQ(this->told(), std::multiset{pipe.reading_end()});
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
    EXPECT_EQ(this->told(), (std::multiset{second.reading_end(), third.reading_end()}));
    ASSERT_TRUE(this->watch(first));
    EXPECT_EQ(this->told().size(), 3U);
}

TYPED_TEST(waiter, asks_for_what_it_was_changed_to) {
    Pipe pipe;
    ASSERT_TRUE(this->watch(pipe));
    pipe.fill();
    this->waiter_.change(pipe.reading_end(), 0, subject_of(pipe));
    EXPECT_TRUE(this->told().empty());
    this->waiter_.change(pipe.reading_end(), EPOLLIN, subject_of(pipe));
    EXPECT_EQ(this->told(), std::multiset{pipe.reading_end()});
}

TYPED_TEST(waiter, tells_of_each_in_turn_where_more_are_ready_than_a_batch_holds) {
    std::vector<Pipe> pipes(events_per_batch + events_per_batch / 4);
    for (Pipe& pipe : pipes) {
        ASSERT_TRUE(this->watch(pipe));
        pipe.fill();
    }
    std::multiset<int> turns;
    for (int wait = 0; wait < 5; ++wait) {
        turns.merge(this->told());
        EXPECT_EQ(this->largest_batch_, events_per_batch);
    }
    EXPECT_GE(turns.size(), 5 * events_per_batch);
    for (const Pipe& pipe : pipes)
        EXPECT_EQ(turns.count(pipe.reading_end()), turns.size() / pipes.size());
}

TYPED_TEST(waiter, tells_of_a_number_that_is_used_again_as_of_the_new_one) {
    Pipe old;
    ASSERT_TRUE(this->watch(old));
    old.fill();
    this->waiter_.remove(old.reading_end());
    old = Pipe{};
    ASSERT_TRUE(this->watch(old));
    EXPECT_TRUE(this->told().empty());
    old.fill();
    EXPECT_EQ(this->told(), std::multiset{old.reading_end()});
}

TYPED_TEST(waiter, ends_a_wait_when_its_time_has_come) {
    Pipe quiet;
    ASSERT_TRUE(this->watch(quiet));
    const auto began = std::chrono::steady_clock::now();
    for (const int milliseconds : {20, 5, 20}) {
        this->events_.clear();
        this->wait(milliseconds);
        EXPECT_TRUE(this->events_.empty());
    }
    // It may be woken early, but not each time.
    EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::milliseconds{15});
}

}  // namespace
}  // namespace wsecho::lws
