// The outbox: what is held leaves in its order, whole, and once; its bounds.
#include "runtime/outbox.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace wsecho::runtime {
namespace {

struct Peer {
    std::string received;
};

std::span<const std::uint8_t> bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

void deliver(Peer& peer, std::span<const std::uint8_t> frame) {
    peer.received.append(frame.begin(), frame.end());
}

TEST(outbox, header_and_payload_leave_as_one_frame) {
    Outbox<Peer> outbox;
    Peer peer;
    EXPECT_TRUE(outbox.empty());
    outbox.hold(peer, bytes("head "), bytes("payload"));
    EXPECT_FALSE(outbox.empty());
    EXPECT_EQ(peer.received, "");
    outbox.flush(deliver);
    EXPECT_TRUE(outbox.empty());
    EXPECT_EQ(peer.received, "head payload");
}

TEST(outbox, each_owner_gets_its_own_in_the_order_of_holding) {
    Outbox<Peer> outbox;
    Peer first;
    Peer second;
    outbox.hold(first, bytes("1"), bytes("a"));
    outbox.hold(second, bytes("2"), bytes("bb"));
    std::vector<Peer*> order;
    outbox.flush([&](Peer& peer, std::span<const std::uint8_t> frame) {
        order.push_back(&peer);
        deliver(peer, frame);
    });
    EXPECT_EQ(order, (std::vector<Peer*>{&first, &second}));
    EXPECT_EQ(first.received, "1a");
    EXPECT_EQ(second.received, "2bb");
}

TEST(outbox, what_has_left_does_not_leave_again) {
    Outbox<Peer> outbox;
    Peer peer;
    outbox.hold(peer, {}, bytes("once"));
    outbox.flush(deliver);
    outbox.flush(deliver);
    EXPECT_EQ(peer.received, "once");
    outbox.hold(peer, {}, bytes(" more"));
    outbox.flush(deliver);
    EXPECT_EQ(peer.received, "once more");
}

TEST(outbox, it_is_full_with_its_number_of_frames_and_empty_again_after_a_flush) {
    Outbox<Peer> outbox;
    Peer peer;
    for (std::size_t i = 0; i < Outbox<Peer>::max_frames; ++i) {
        EXPECT_FALSE(outbox.full());
        EXPECT_TRUE(outbox.has_room(1));
        outbox.hold(peer, {}, bytes("x"));
    }
    EXPECT_TRUE(outbox.full());
    EXPECT_FALSE(outbox.has_room(0));
    outbox.flush(deliver);
    EXPECT_FALSE(outbox.full());
    EXPECT_EQ(peer.received, std::string(Outbox<Peer>::max_frames, 'x'));
}

TEST(outbox, its_bytes_are_bounded_to_the_last) {
    Outbox<Peer> outbox;
    Peer peer;
    const std::string most(Outbox<Peer>::max_bytes - 1, 'y');
    EXPECT_FALSE(outbox.has_room(Outbox<Peer>::max_bytes + 1));
    ASSERT_TRUE(outbox.has_room(most.size()));
    outbox.hold(peer, {}, bytes(most));
    EXPECT_TRUE(outbox.has_room(1));
    EXPECT_FALSE(outbox.has_room(2));
    outbox.hold(peer, bytes("z"), {});
    EXPECT_FALSE(outbox.has_room(1));
    outbox.flush(deliver);
    EXPECT_EQ(peer.received, most + "z");
    EXPECT_TRUE(outbox.has_room(Outbox<Peer>::max_bytes));
}

}  // namespace
}  // namespace wsecho::runtime
