// Peers that break RFC 6455: each is told the right code, and the application hears nothing of
// what was wrong.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/frames.h"
#include "support/raw_client.h"
#include "support/test_server.h"

namespace wsecho::test {
namespace {

using namespace std::string_literals;

struct Case {
    std::string what;
    std::string bytes;
};

// Each case on a connection of its own, behind a message that is right.
void expect_refused(const std::vector<Case>& cases, unsigned code) {
    TestServer server;
    std::size_t closed = 0;
    for (const auto& [what, bytes] : cases) {
        SCOPED_TRACE(what);
        auto client = open_client(server);
        client.send(frame(binary, "right") + bytes);
        const auto answer = client.read_frame();
        EXPECT_EQ(answer.opcode, test::close);
        EXPECT_EQ(answer.close_code(), code);
        EXPECT_FALSE(answer.close_reason().empty()) << "the peer is told why";
        client.hang_up();

        const auto close = server.await_close(closed++);
        EXPECT_EQ(close.code, code);
        EXPECT_EQ(close.cause, WSECHO_CLOSE_PROTOCOL);
        EXPECT_EQ(close.initiator, WSECHO_INITIATOR_LOCAL);
        EXPECT_EQ(close.reason, answer.close_reason());
    }
    EXPECT_EQ(server.record().messages.size(), cases.size()) << "only those that were right";
    EXPECT_EQ(server.statistics().closes[WSECHO_CLOSE_PROTOCOL], cases.size());
}

TEST(violation, frames_against_the_rules_are_closed_with_1002) {
    std::vector<Case> cases{
        {"without a mask", frame(text, "naked", {.masked = false})},
        {"an empty frame without a mask", frame(text, "", {.masked = false})},
        {"a close without a mask", frame(test::close, "", {.masked = false})},
        {"a fragmented ping", first_fragment(ping, "p")},
        {"a fragmented close", first_fragment(test::close, "")},
        {"a ping of 126 bytes", frame(ping, std::string(126, 'p'))},
        {"a close of 126 bytes", close_frame(1000, std::string(124, 'r'))},
        {"a continuation of nothing", last_fragment("lost")},
        {"a message inside a message", first_fragment(text, "outer") + frame(text, "inner")},
        {"a length in 2 bytes that fits one", "\x81\xFE\x00\x02"s + frame(text, "hi").substr(2)},
        {"a length in 8 bytes that fits one",
         "\x81\xFF\x00\x00\x00\x00\x00\x00\x00\x02"s + frame(text, "hi").substr(2)},
        {"a length with its top bit set", frame(binary, "", {.claimed_size = 1ULL << 63U})},
    };
    for (const unsigned bit : {4U, 2U, 1U})
        cases.push_back(
            {"reserved bit " + std::to_string(bit), frame(text, "bits", {.reserved_bits = bit})});
    for (const unsigned opcode : {3U, 4U, 5U, 6U, 7U, 11U, 12U, 13U, 14U, 15U})
        cases.push_back({"reserved opcode " + std::to_string(opcode), frame(opcode, "code")});
    expect_refused(cases, 1002);
}

TEST(violation, a_close_frame_with_a_bad_code_is_answered_with_1002) {
    std::vector<Case> cases{{"half a code", frame(test::close, "\x03")}};
    for (const unsigned code :
         {0U, 999U, 1004U, 1005U, 1006U, 1015U, 1016U, 1100U, 2999U, 5000U, 65535U})
        cases.push_back({std::to_string(code), close_frame(code, "bad")});
    expect_refused(cases, 1002);
}

TEST(violation, text_that_is_not_utf8_is_closed_with_1007) {
    expect_refused(
        {
            {"a byte that is none", frame(text, "\xFF")},
            {"overlong", frame(text, "\xC0\xAF")},
            {"a surrogate", frame(text, "\xED\xA0\x80")},
            {"beyond the last code point", frame(text, "\xF4\x90\x80\x80")},
            {"cut at the end", frame(text, "gr\xC3")},
            {"in a later fragment", first_fragment(text, "fine") + last_fragment("\x80")},
            {"cut by the end of the last fragment",
             first_fragment(text, "\xE2\x82") + last_fragment("")},
            {"joined wrongly", first_fragment(text, "\xE2\x82") + last_fragment("\xC3")},
            {"in a close reason", close_frame(1000, "\xC3\x28")},
        },
        1007);
}

TEST(violation, bad_utf8_is_refused_before_its_message_is_whole) {
    TestServer server;
    auto client = open_client(server);
    client.send(first_fragment(text, "fine \xF0\x9F\x92 not"));
    EXPECT_EQ(client.read_frame().close_code(), 1007U);

    auto other = open_client(server);
    other.send(frame(text, "\xFF" + std::string(1000, 'x')).substr(0, 20));
    EXPECT_EQ(other.read_frame().close_code(), 1007U);
}

TEST(violation, binary_may_hold_any_bytes) {
    TestServer server{default_options(), {.on_message = echo}};
    auto client = open_client(server);
    client.send(first_fragment(binary, "\xFF\xFE") + last_fragment("\xC0"));
    EXPECT_EQ(client.read_frame().payload, "\xFF\xFE\xC0");
}

TEST(violation, a_character_may_be_cut_by_fragments_and_segments) {
    TestServer server{default_options(), {.on_message = echo}};
    auto client = open_client(server);
    client.send(first_fragment(text, "\xF0"));
    client.send(middle_fragment("\x9F\x92") + frame(ping, "\xFF"));
    EXPECT_EQ(client.read_frame().opcode, pong);
    client.send_in_pieces(last_fragment("\xA9!"), 3);
    EXPECT_EQ(client.read_text(), "\xF0\x9F\x92\xA9!");
}

TEST(violation, one_peers_violation_does_not_touch_another) {
    TestServer server{default_options(), {.on_message = echo}};
    auto good = open_client(server);
    auto bad = open_client(server);
    bad.send("\x7F\x7F not a frame at all \x00\x01\x02"s + std::string(100'000, '\xEE'));
    EXPECT_EQ(bad.read_frame().close_code(), 1002U);
    bad.hang_up();
    server.await_close();
    good.send_text("I am fine");
    EXPECT_EQ(good.read_text(), "I am fine");
}

TEST(violation, the_end_of_the_stream_follows_the_peers_answer_at_once) {
    auto options = default_options();
    options.max_message_bytes = 100;
    options.close_timeout_ms = 3'600'000;  // so that only the answer can bring it
    TestServer server{options};
    for (const auto& [what, bytes] :
         std::vector<Case>{{"1002", frame(3, "reserved")},
                           {"1007", frame(text, "\xFF")},
                           {"1009", frame(binary, std::string(101, 'x'))},
                           {"1002 to a close", close_frame(999)}}) {
        SCOPED_TRACE(what);
        auto client = open_client(server);
        client.send(bytes);
        EXPECT_EQ(std::to_string(client.take_close().close_code()), what.substr(0, 4));
    }
    server.await("four closes", [](const Record& record) { return record.closes.size() == 4; });
}

TEST(violation, a_peer_that_goes_on_after_one_is_hung_up_on) {
    auto options = default_options();
    options.close_timeout_ms = 100;
    TestServer server{options};
    auto client = open_client(server);
    client.send(frame(3, "reserved"));
    EXPECT_EQ(client.read_frame().close_code(), 1002U);
    client.send(frame(3, "again") + frame(text, "and again"));
    client.read_to_end();
    EXPECT_EQ(server.await_close().cause, WSECHO_CLOSE_PROTOCOL);
    EXPECT_TRUE(server.record().messages.empty());
}

}  // namespace
}  // namespace wsecho::test
