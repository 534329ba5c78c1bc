// Who gives way to whom among connections without a request, and that all is given back.
#include "engine/pending_connections.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <list>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace wsecho::engine {
namespace {

using protocol::IpAddress;
using Place = std::unique_ptr<PendingConnections::Place>;

constexpr std::uint64_t seed = 7;

IpAddress network(unsigned number) {
    return IpAddress::from_v4(
        std::array<std::uint8_t, 4>{192, 0, 2, static_cast<std::uint8_t>(number)});
}

ConnectionId id(std::uint32_t number) {
    return {0, {number, 1}};
}

// Connections with numbers, which are their ages.
class Crowd {
  public:
    explicit Crowd(const PendingBounds& bounds, AddressLimits* shared = nullptr)
        : pending_(bounds, shared, seed) {}

    // A newcomer; whoever has to leaves. Returns the numbers of those.
    std::vector<std::uint32_t> come(std::optional<IpAddress> from = {}) {
        const std::uint32_t number = next_++;
        places_[number] = pending_.add(id(number), from);
        return make_room_for(number);
    }
    std::vector<std::uint32_t> make_room_for(std::uint32_t number) {
        std::vector<std::uint32_t> gone;
        while (const auto id = pending_.find_surplus_of_network(*places_.at(number)))
            gone.push_back(end(*id));
        gone_of_network_ = gone.size();
        while (const auto id = pending_.find_surplus())
            gone.push_back(end(*id));
        return gone;
    }
    void leave(std::uint32_t number) { places_.erase(number); }
    void tell_network(std::uint32_t number, const IpAddress& network) {
        pending_.set_network(*places_.at(number), network);
    }
    std::optional<std::uint32_t> next() const {
        const auto next = pending_.next_to_give_way();
        return next ? std::optional{next->key().index} : std::nullopt;
    }
    bool was_of_network() const { return gone_of_network_ != 0; }
    const PendingConnections& pending() const { return pending_; }

  private:
    std::uint32_t end(ConnectionId id) {
        places_.erase(id.key().index);
        return id.key().index;
    }

    PendingConnections pending_;
    std::map<std::uint32_t, Place> places_;
    std::uint32_t next_ = 0;
    std::size_t gone_of_network_ = 0;
};

using Gone = std::vector<std::uint32_t>;

TEST(pending_connections, as_many_as_the_bound_stay) {
    Crowd crowd{{3, 0}};
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(crowd.come(), Gone{});
    EXPECT_EQ(crowd.pending().size(), 3U);
}

TEST(pending_connections, one_too_many_makes_the_oldest_give_way) {
    Crowd crowd{{3, 0}};
    for (unsigned i = 0; i < 3; ++i)
        crowd.come(network(i));
    EXPECT_EQ(crowd.come(network(3)), Gone{0});
    EXPECT_FALSE(crowd.was_of_network());
    crowd.leave(1);
    EXPECT_EQ(crowd.come(network(4)), Gone{});
    EXPECT_EQ(crowd.come(network(5)), Gone{2});
}

TEST(pending_connections, a_newcomer_never_gives_way_to_itself) {
    Crowd crowd{{1, 1}};
    EXPECT_EQ(crowd.come(network(1)), Gone{});
    for (std::uint32_t i = 0; i < 5; ++i)
        EXPECT_EQ(crowd.come(network(1)), Gone{i});
}

TEST(pending_connections, a_network_that_floods_the_server_gives_way_to_itself_and_to_others) {
    Crowd crowd{{4, 0}};
    crowd.come(network(1));  // 0, the oldest
    for (int i = 0; i < 3; ++i)
        crowd.come(network(9));  // 1 to 3
    EXPECT_EQ(crowd.come(network(9)), Gone{1});
    EXPECT_EQ(crowd.come(network(2)), Gone{2});
    EXPECT_EQ(crowd.come(network(3)), Gone{3});
    // Now there are four networks, with one each.
    EXPECT_EQ(crowd.come(network(4)), Gone{0});
}

TEST(pending_connections, those_without_a_network_go_after_those_of_a_crowded_one) {
    Crowd crowd{{4, 0}};
    crowd.come();
    crowd.come();
    crowd.come(network(1));
    crowd.come(network(1));
    EXPECT_EQ(crowd.come(), Gone{2});
    EXPECT_EQ(crowd.come(), Gone{0});
}

TEST(pending_connections, of_one_network_the_oldest_goes_when_it_has_too_many) {
    Crowd crowd{{100, 2}};
    crowd.come(network(1));
    crowd.come(network(2));
    crowd.come(network(1));
    EXPECT_EQ(crowd.come(network(1)), Gone{0});
    EXPECT_TRUE(crowd.was_of_network());
    EXPECT_EQ(crowd.come(network(2)), Gone{});
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(crowd.come(), Gone{}) << "of no network";
}

TEST(pending_connections, a_network_that_is_known_later_counts_from_then_on) {
    Crowd crowd{{100, 1}};
    crowd.come();
    crowd.come();
    crowd.tell_network(1, network(1));
    EXPECT_EQ(crowd.make_room_for(1), Gone{});
    crowd.tell_network(0, network(1));
    EXPECT_EQ(crowd.make_room_for(0), Gone{1}) << "it was of the network first";
}

TEST(pending_connections, with_the_connections_of_an_address_they_are_no_more_than_its_limit) {
    AddressLimits limits{{32, 64, 3, 0}, seed};
    Crowd crowd{{100, 0}, &limits};
    EXPECT_TRUE(limits.take_place(network(1)));
    EXPECT_EQ(crowd.come(network(1)), Gone{});
    EXPECT_EQ(crowd.come(network(1)), Gone{});
    EXPECT_EQ(crowd.come(network(1)), Gone{0});
    EXPECT_TRUE(crowd.was_of_network());
    EXPECT_TRUE(limits.take_place(network(1))) << "they keep no request from its place";
    EXPECT_TRUE(limits.take_place(network(1)));
    EXPECT_EQ(crowd.come(network(1)), (Gone{1, 2})) << "one of them may still ask, and be told";
}

TEST(pending_connections, what_other_loops_have_of_an_address_counts_but_only_its_own_give_way) {
    AddressLimits limits{{32, 64, 2, 0}, seed};
    Crowd here{{100, 0}, &limits};
    Crowd there{{100, 0}, &limits};
    there.come(network(1));
    there.come(network(1));
    EXPECT_EQ(here.come(network(1)), Gone{});
    EXPECT_EQ(here.come(network(1)), Gone{0});
}

TEST(pending_connections, nothing_is_remembered_of_those_who_have_left) {
    AddressLimits limits{{32, 64, 3, 0}, seed};
    Crowd crowd{{100, 0}, &limits};
    for (unsigned i = 0; i < 10; ++i)
        crowd.come(network(i % 4));
    EXPECT_EQ(limits.remembered(), 4U);
    EXPECT_EQ(crowd.pending().networks(), 4U);
    for (std::uint32_t i = 0; i < 10; ++i)
        crowd.leave(i);
    EXPECT_EQ(crowd.pending().size(), 0U);
    EXPECT_EQ(crowd.pending().networks(), 0U);
    EXPECT_EQ(limits.remembered(), 0U);
    EXPECT_EQ(crowd.next(), std::nullopt);
}

// Against a model that looks through all of them.
TEST(pending_connections, whoever_goes_is_the_oldest_of_a_network_with_the_most) {
    struct Known {
        std::uint32_t number;
        std::optional<unsigned> network;
    };
    Crowd crowd{{1'000'000, 0}};
    std::list<Known> model;  // by age
    std::mt19937 random{3};
    std::uint32_t next_number = 0;
    for (int step = 0; step < 4'000; ++step) {
        if (model.empty() || random() % 60 > model.size()) {
            const unsigned of = random() % 8;
            const auto known = of == 0 ? std::nullopt : std::optional{of};
            model.push_back({next_number++, known});
            crowd.come(known ? std::optional{network(*known)} : std::nullopt);
        } else {
            auto leaving = std::next(model.begin(), static_cast<int>(random() % model.size()));
            crowd.leave(leaving->number);
            model.erase(leaving);
        }
        std::map<unsigned, std::size_t> counts;
        std::size_t most = 0;
        for (const Known& each : model)
            if (each.network) most = std::max(most, ++counts[*each.network]);
        ASSERT_EQ(crowd.pending().size(), model.size());
        ASSERT_EQ(crowd.pending().networks(), counts.size());
        const auto next = crowd.next();
        ASSERT_EQ(next.has_value(), !model.empty());
        if (!next) continue;
        const auto chosen = std::find_if(model.begin(), model.end(),
                                         [&](const Known& each) { return each.number == *next; });
        ASSERT_NE(chosen, model.end());
        if (most < 2) {
            ASSERT_EQ(chosen, model.begin()) << "the oldest of all";
            continue;
        }
        ASSERT_EQ(counts[*chosen->network], most) << step;
        ASSERT_TRUE(std::none_of(model.begin(), chosen, [&](const Known& older) {
            return older.network == chosen->network;
        })) << step;
    }
}

TEST(pending_connections, each_loop_has_its_part_of_the_bound) {
    EXPECT_EQ(pending_bounds_of_loop(1000, 0, 50'000, 4).in_all, 250U);
    EXPECT_EQ(pending_bounds_of_loop(10, 3, 50'000, 4).in_all, 3U);
    EXPECT_EQ(pending_bounds_of_loop(1, 3, 50'000, 4).in_all, 1U);
    EXPECT_EQ(pending_bounds_of_loop(1, 3, 50'000, 4).per_network, 3U);
}

TEST(pending_connections, by_default_there_may_be_as_many_as_connections_and_32_in_any_case) {
    EXPECT_EQ(pending_bounds_of_loop(0, 0, 10'000, 1).in_all, 10'000U);
    EXPECT_EQ(pending_bounds_of_loop(0, 0, 10'000, 4).in_all, 2500U);
    EXPECT_EQ(pending_bounds_of_loop(0, 0, 1, 2).in_all, 32U);
}

}  // namespace
}  // namespace wsecho::engine
