// A bound that many share: who holds the most gives way, and whom it is for is no victim of its
// own.
#include "runtime/shared_bound.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <random>
#include <vector>

namespace wsecho::runtime {
namespace {

struct Holder {
    std::size_t held = 0;
    SharedBound<Holder>::Place place;
};

class Crowd {
  public:
    Crowd(std::size_t size, std::size_t bytes) : bound(bytes), holders(size) {}

    void hold(std::size_t index, std::size_t bytes) {
        holders[index].held = bytes;
        bound.update(holders[index].place, holders[index], bytes);
    }
    [[nodiscard]] std::size_t total() const {
        std::size_t sum = 0;
        for (const Holder& each : holders)
            sum += each.held;
        return sum;
    }
    [[nodiscard]] auto reader() const {
        return [this] { return total(); };
    }
    auto leaver() {
        return [this](Holder& holder) {
            left.push_back(static_cast<std::size_t>(&holder - holders.data()));
            hold(left.back(), 0);
        };
    }

    SharedBound<Holder> bound;
    std::vector<Holder> holders;
    std::vector<std::size_t> left;
};

TEST(shared_bound, a_part_of_no_bound_is_none) {
    EXPECT_EQ(share_of_bound(0, 4), std::numeric_limits<std::size_t>::max());
    EXPECT_EQ(share_of_bound(1000, 4), 250U);
}

TEST(shared_bound, the_bound_itself_fits) {
    const SharedBound<Holder> bound{100};
    EXPECT_TRUE(bound.fits(100));
    EXPECT_FALSE(bound.fits(101));
}

TEST(shared_bound, the_greediest_is_one_of_the_class_that_holds_the_most) {
    Crowd crowd{4, 1000};
    EXPECT_EQ(crowd.bound.greediest(), nullptr);
    crowd.hold(0, 10);
    crowd.hold(1, 500);
    crowd.hold(2, 100);
    EXPECT_EQ(crowd.bound.greediest(), &crowd.holders[1]);
    EXPECT_EQ(crowd.bound.greediest(&crowd.holders[1]), &crowd.holders[2]);
    crowd.hold(1, 5);
    EXPECT_EQ(crowd.bound.greediest(), &crowd.holders[2]);
    crowd.hold(2, 0);
    EXPECT_EQ(crowd.bound.greediest(), &crowd.holders[0]);
}

TEST(shared_bound, who_ends_is_not_among_them) {
    SharedBound<Holder> bound{1000};
    {
        Holder holder;
        bound.update(holder.place, holder, 500);
        EXPECT_EQ(bound.greediest(), &holder);
    }
    EXPECT_EQ(bound.greediest(), nullptr);
}

TEST(shared_bound, those_who_hold_much_more_make_room) {
    Crowd crowd{4, 1000};
    crowd.hold(0, 600);
    crowd.hold(1, 300);
    crowd.hold(2, 50);
    EXPECT_TRUE(crowd.bound.make_room(50, 100, crowd.reader(), crowd.leaver()));
    EXPECT_EQ(crowd.left, (std::vector<std::size_t>{0}));
    EXPECT_TRUE(crowd.bound.make_room(50, 600, crowd.reader(), crowd.leaver()));
    EXPECT_EQ(crowd.left.size(), 1U) << "it fits now";
}

TEST(shared_bound, who_wants_to_hold_as_much_as_the_greediest_has_no_claim) {
    Crowd crowd{3, 1000};
    crowd.hold(0, 500);
    crowd.hold(1, 480);
    EXPECT_FALSE(crowd.bound.make_room(480, 40, crowd.reader(), crowd.leaver()));
    EXPECT_TRUE(crowd.left.empty());
}

TEST(shared_bound, what_is_too_much_goes_but_not_from_whom_it_is_for) {
    Crowd crowd{3, 1000};
    crowd.hold(0, 900);
    crowd.hold(1, 300);
    crowd.bound.keep(&crowd.holders[0], crowd.reader(), crowd.leaver());
    EXPECT_EQ(crowd.left, (std::vector<std::size_t>{1}));
    crowd.hold(0, 2000);
    crowd.bound.keep(&crowd.holders[0], crowd.reader(), crowd.leaver());
    EXPECT_EQ(crowd.left.size(), 1U) << "nobody else is left";
}

TEST(shared_bound, random_use_never_spares_one_that_holds_twice_as_much) {
    Crowd crowd{30, 1U << 20U};
    std::mt19937 random{9};
    for (int step = 0; step < 20'000; ++step) {
        crowd.hold(random() % 30, random() % 4 == 0 ? 0 : random() % (1U << (random() % 20)));
        std::size_t most = 0;
        for (const Holder& each : crowd.holders)
            most = std::max(most, each.held);
        const Holder* greediest = crowd.bound.greediest();
        ASSERT_EQ(greediest == nullptr, most == 0);
        if (greediest != nullptr) {
            ASSERT_GT(2 * greediest->held, most);
        }
    }
}

}  // namespace
}  // namespace wsecho::runtime
