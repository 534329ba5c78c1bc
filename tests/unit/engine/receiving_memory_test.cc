// What connections hold of what they receive, who gives way, and how much is read at a time.
#include "engine/receiving_memory.h"

#include <gtest/gtest.h>

#include <array>

namespace wsecho::engine {
namespace {

struct Peer {
    ReceivingMemory<Peer>::Share share;
};

constexpr std::size_t mebibyte = std::size_t{1} << 20U;

TEST(receiving_memory, within_the_bound_nobody_gives_way) {
    ReceivingMemory<Peer> memory{1000};
    std::array<Peer, 2> peers;
    memory.update(peers[0].share, peers[0], 400, 200);
    memory.update(peers[1].share, peers[1], 0, 400);
    EXPECT_EQ(memory.total(), 1000U);
    EXPECT_EQ(memory.who_gives_way(), nullptr);
}

TEST(receiving_memory, beyond_it_whoever_holds_the_most_does) {
    ReceivingMemory<Peer> memory{1000};
    std::array<Peer, 3> peers;
    memory.update(peers[0].share, peers[0], 600, 0);
    memory.update(peers[1].share, peers[1], 100, 0);
    memory.update(peers[2].share, peers[2], 200, 101);
    EXPECT_EQ(memory.who_gives_way(), &peers[0]);
    memory.update(peers[0].share, peers[0], 0, 0);
    EXPECT_EQ(memory.who_gives_way(), nullptr);
    EXPECT_EQ(memory.total(), 401U);
}

TEST(receiving_memory, the_more_is_kept_unread_the_less_is_read_at_a_time) {
    ReceivingMemory<Peer> memory{1000 * mebibyte};
    Peer peer;
    EXPECT_EQ(memory.read_limit(), mebibyte / 2);
    memory.update(peer.share, peer, 100 * mebibyte, 0);
    EXPECT_EQ(memory.read_limit(), mebibyte / 2) << "unfinished messages have to be read on";
    memory.update(peer.share, peer, 0, 4 * mebibyte - 100'000);
    EXPECT_EQ(memory.read_limit(), 100'000U);
    memory.update(peer.share, peer, 0, 50 * mebibyte);
    EXPECT_EQ(memory.read_limit(), 16U * 1024);
    memory.update(peer.share, peer, 0, 0);
    EXPECT_EQ(memory.read_limit(), mebibyte / 2);
}

}  // namespace
}  // namespace wsecho::engine
