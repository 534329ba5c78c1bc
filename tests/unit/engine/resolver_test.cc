// With addresses instead of names: they are looked up without a network.
#include "engine/resolver.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace wsecho::engine {
namespace {

// Keeps the resolver's thread in an answer until it is opened.
struct Busy {
    explicit Busy(Resolver& resolver) {
        resolver.look_up(this, "127.0.0.9", 1, [this](const lws::Resolution&) {
            inside.set_value();
            open.get_future().wait();
        });
        inside.get_future().wait();
    }
    std::promise<void> inside;
    std::promise<void> open;
};

TEST(resolver, answers_on_a_thread_of_its_own) {
    Resolver resolver;
    std::promise<std::string> found;
    const auto here = std::this_thread::get_id();
    resolver.look_up(&found, "127.0.0.1", 80, [&](const lws::Resolution& resolution) {
        EXPECT_NE(std::this_thread::get_id(), here);
        found.set_value(resolution.addresses.at(0).text());
    });
    EXPECT_EQ(found.get_future().get(), "127.0.0.1:80");
}

TEST(resolver, answers_all_who_ask_for_a_name_and_each_once) {
    Resolver resolver;
    Busy busy{resolver};
    std::atomic<int> first{0};
    std::atomic<int> again{0};
    std::promise<void> other;
    std::promise<void> last;
    const int asker = 0;
    resolver.look_up(&asker, "::1", 80, [&](const lws::Resolution&) { ++first; });
    resolver.look_up(&other, "::1", 80, [&](const lws::Resolution&) { other.set_value(); });
    resolver.look_up(&asker, "::1", 80, [&](const lws::Resolution&) { ++again; });
    resolver.look_up(&last, "::1", 81, [&](const lws::Resolution&) { last.set_value(); });
    busy.open.set_value();
    other.get_future().wait();
    last.get_future().wait();
    EXPECT_EQ(first, 0);
    EXPECT_EQ(again, 1);
}

TEST(resolver, gives_up_what_waits_when_it_stops) {
    Resolver resolver;
    std::atomic<int> answered{0};
    {
        Busy busy{resolver};
        resolver.look_up(&answered, "127.0.0.1", 80, [&](const lws::Resolution&) { ++answered; });
        std::thread stopping{[&] { resolver.stop(); }};
        // That the stop has begun shows in nothing else: who comes behind it is not answered
        // either.
        busy.open.set_value();
        stopping.join();
    }
    resolver.look_up(&answered, "127.0.0.1", 80, [&](const lws::Resolution&) { ++answered; });
    resolver.stop();
    EXPECT_LE(answered, 1) << "the one that waited, if it was quicker than the stop";
}

TEST(resolver, that_was_never_asked_has_no_thread_to_stop) {
    Resolver resolver;
    resolver.stop();
}

}  // namespace
}  // namespace wsecho::engine
