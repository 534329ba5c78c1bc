// Ids: loop, slot and generation go into 64 bits and come out again.
#include "engine/connection_id.h"

#include <gtest/gtest.h>

namespace wsecho::engine {
namespace {

using runtime::SlotKey;

TEST(connection_id, loop_and_key_come_out_as_they_went_in) {
    for (const unsigned loop : {0U, 1U, 128U, ConnectionId::max_loops - 1})
        for (const std::uint32_t index : {0U, 1U, 0xABCDEFU, ConnectionId::max_slots - 1})
            for (const std::uint32_t generation : {1U, 2U, 0x80000000U, UINT32_MAX}) {
                const ConnectionId id{loop, SlotKey{index, generation}};
                EXPECT_EQ(id.loop(), loop);
                EXPECT_EQ(id.key(), (SlotKey{index, generation}));
            }
}

TEST(connection_id, it_survives_being_a_number) {
    const ConnectionId id{200, SlotKey{123456, 789}};
    EXPECT_EQ(ConnectionId{id.value()}, id);
    EXPECT_EQ(ConnectionId{id.value()}.key(), id.key());
}

TEST(connection_id, the_first_connection_of_the_first_loop_is_not_zero) {
    EXPECT_NE((ConnectionId{0, SlotKey{0, 1}}).value(), 0U);
}

TEST(connection_id, zero_is_the_id_of_nothing) {
    EXPECT_EQ(ConnectionId{}.value(), 0U);
    EXPECT_EQ(ConnectionId{0}, ConnectionId{});
    EXPECT_EQ(ConnectionId{}.key().generation, 0U) << "which no slot ever has";
}

TEST(connection_id, ids_that_differ_in_one_part_differ) {
    const ConnectionId id{1, SlotKey{2, 3}};
    EXPECT_NE(id, (ConnectionId{2, SlotKey{2, 3}}));
    EXPECT_NE(id, (ConnectionId{1, SlotKey{3, 3}}));
    EXPECT_NE(id, (ConnectionId{1, SlotKey{2, 4}}));
}

TEST(connection_id, any_number_at_all_names_a_loop_and_slot_within_bounds) {
    for (const std::uint64_t value : {UINT64_MAX, UINT64_MAX - 1, std::uint64_t{1} << 63U}) {
        EXPECT_LT(ConnectionId{value}.loop(), ConnectionId::max_loops);
        EXPECT_LT(ConnectionId{value}.key().index, ConnectionId::max_slots);
    }
}

}  // namespace
}  // namespace wsecho::engine
