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

TEST(outbox, frames_of_one_owner_in_a_row_leave_as_one) {
    Outbox<Peer> outbox;
    Peer first;
    Peer second;
    outbox.hold(first, bytes("1"), bytes("a"));
    EXPECT_TRUE(outbox.ends_with(first));
    outbox.hold(first, bytes("2"), bytes("bb"));
    EXPECT_EQ(outbox.last_size(), 5U);
    outbox.hold(second, bytes("3"), {});
    EXPECT_FALSE(outbox.ends_with(first));
    std::vector<std::string> written;
    outbox.flush([&](Peer&, std::span<const std::uint8_t> frames) {
        written.emplace_back(frames.begin(), frames.end());
    });
    EXPECT_EQ(written, (std::vector<std::string>{"1a2bb", "3"}));
    EXPECT_FALSE(outbox.ends_with(second));
}

TEST(outbox, it_is_full_with_its_number_of_owners_and_empty_again_after_a_flush) {
    Outbox<Peer> outbox;
    std::vector<Peer> peers(Outbox<Peer>::max_owners);
    for (Peer& peer : peers) {
        EXPECT_FALSE(outbox.full());
        EXPECT_TRUE(outbox.has_room(peer, 1));
        outbox.hold(peer, {}, bytes("x"));
    }
    EXPECT_TRUE(outbox.full());
    EXPECT_FALSE(outbox.has_room(peers.front(), 0));
    EXPECT_TRUE(outbox.has_room(peers.back(), 1))
        << "a further frame of the last is no more owners";
    outbox.flush(deliver);
    EXPECT_FALSE(outbox.full());
    for (const Peer& peer : peers)
        EXPECT_EQ(peer.received, "x");
}

TEST(outbox, its_bytes_are_bounded_to_the_last) {
    Outbox<Peer> outbox;
    Peer peer;
    const std::string half(Outbox<Peer>::max_frame, 'y');
    const std::string rest(Outbox<Peer>::max_bytes - half.size() - 1, 'z');
    EXPECT_FALSE(outbox.has_room(peer, Outbox<Peer>::max_frame + 1));
    ASSERT_TRUE(outbox.has_room(peer, half.size()));
    outbox.hold(peer, {}, bytes(half));
    outbox.hold(peer, {}, bytes(rest));
    EXPECT_TRUE(outbox.has_room(peer, 1));
    EXPECT_FALSE(outbox.has_room(peer, 2));
    outbox.hold(peer, bytes("!"), {});
    EXPECT_FALSE(outbox.has_room(peer, 1));
    outbox.flush(deliver);
    EXPECT_EQ(peer.received, half + rest + "!");
    EXPECT_TRUE(outbox.has_room(peer, Outbox<Peer>::max_frame));
}

TEST(outbox, it_is_full_before_it_is_out_of_room) {
    Outbox<Peer> outbox;
    Peer peer;
    outbox.hold(peer, {}, bytes(std::string(Outbox<Peer>::enough_bytes - 1, 'x')));
    EXPECT_FALSE(outbox.full());
    outbox.hold(peer, {}, bytes("x"));
    EXPECT_TRUE(outbox.full());
    EXPECT_TRUE(outbox.has_room(peer, 1));
}

}  // namespace
}  // namespace wsecho::runtime
