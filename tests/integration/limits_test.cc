// The limits of messages and connections: what is over them is refused, with the right words,
// before it costs anything.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/frames.h"
#include "support/raw_client.h"
#include "support/test_server.h"
#include "support/waiting.h"

namespace wsecho::test {
namespace {

wsecho_server_options up_to_bytes(std::uint64_t bytes) {
    auto options = default_options();
    options.max_message_bytes = bytes;
    return options;
}

void expect_too_big(const TestServer& server, RawClient& client, std::size_t nth = 0) {
    const auto answer = client.read_frame();
    EXPECT_EQ(answer.opcode, test::close);
    EXPECT_EQ(answer.close_code(), 1009U);
    client.hang_up();
    const auto close = server.await_close(nth);
    EXPECT_EQ(close.code, 1009U);
    EXPECT_EQ(close.cause, WSECHO_CLOSE_TOO_BIG);
    EXPECT_EQ(close.initiator, WSECHO_INITIATOR_LOCAL);
}

TEST(message_limit, a_message_at_the_limit_passes_and_one_byte_more_is_1009) {
    TestServer server{up_to_bytes(1000), {.on_message = echo}};
    auto client = open_client(server);
    client.send_binary(std::string(1000, 'x'));
    EXPECT_EQ(client.read_frame().payload.size(), 1000U);
    client.send_binary(std::string(1001, 'x'));
    expect_too_big(server, client);
    EXPECT_EQ(server.record().messages.size(), 1U);
}

TEST(message_limit, fragments_are_counted_together) {
    TestServer server{up_to_bytes(1000), {.on_message = echo}};
    auto client = open_client(server);
    client.send(first_fragment(binary, std::string(600, 'a')) +
                last_fragment(std::string(400, 'b')));
    EXPECT_EQ(client.read_frame().payload.size(), 1000U);
    client.send(first_fragment(binary, std::string(600, 'a')) +
                middle_fragment(std::string(400, 'b')) + last_fragment("c"));
    expect_too_big(server, client);
}

TEST(message_limit, a_header_that_promises_too_much_is_refused_before_its_payload) {
    TestServer server{up_to_bytes(1000)};
    std::size_t nth = 0;
    for (const std::uint64_t size :
         std::vector<std::uint64_t>{1001, 65536, 1ULL << 32U, (1ULL << 63U) - 1}) {
        auto client = open_client(server);
        client.send(frame(binary, "", {.claimed_size = size}));
        expect_too_big(server, client, nth++);
    }
}

TEST(message_limit, a_later_fragments_header_is_refused_before_its_payload) {
    TestServer server{up_to_bytes(1000)};
    auto client = open_client(server);
    client.send(first_fragment(text, std::string(600, 'a')) +
                frame(continuation, "", {.claimed_size = 401}));
    expect_too_big(server, client);
}

TEST(message_limit, the_peer_hears_of_it_though_it_goes_on_sending) {
    TestServer server{up_to_bytes(1000), {.on_message = echo}};
    auto client = open_client(server);
    client.send_binary(std::string(2'000'000, 'x'));
    expect_too_big(server, client);
    auto next = open_client(server);
    next.send_text("still serving");
    EXPECT_EQ(next.read_text(), "still serving");
}

TEST(message_limit, control_frames_do_not_count) {
    TestServer server{up_to_bytes(10), {.on_message = echo}};
    auto client = open_client(server);
    client.send(first_fragment(text, "12345") + frame(ping, std::string(125, 'p')) +
                last_fragment("67890"));
    EXPECT_EQ(client.read_frame().opcode, pong);
    EXPECT_EQ(client.read_text(), "1234567890");
}

TEST(connection_limit, one_too_many_gets_503_until_another_leaves) {
    auto options = default_options();
    options.max_connections = 2;
    TestServer server{options, {.on_message = echo}};
    auto first = open_client(server);
    auto second = open_client(server);

    auto third = RawClient::tcp(server.port());
    third.send(upgrade_request());
    const auto refused = third.read_response();
    EXPECT_EQ(refused.status, 503);
    EXPECT_GT(std::stoi(refused.header("Retry-After")), 0) << "seconds";
    EXPECT_EQ(server.statistics().refusals[WSECHO_REFUSED_LIMIT], 1U);
    EXPECT_EQ(server.statistics().connections, 2U);

    first.hang_up();
    server.await_close();
    eventually("room for one more", [&] { return server.statistics().connections == 1; });
    auto fourth = open_client(server);
    fourth.send_text("room again");
    EXPECT_EQ(fourth.read_text(), "room again");
    second.send_text("untouched");
    EXPECT_EQ(second.read_text(), "untouched");
}

TEST(connection_limit, it_holds_for_all_loops_together) {
    auto options = default_options();
    options.max_connections = 5;
    options.threads = 3;
    TestServer server{options};
    std::vector<RawClient> clients;
    int accepted = 0;
    for (int i = 0; i < 30; ++i) {
        clients.push_back(RawClient::tcp(server.port()));
        clients.back().send(upgrade_request());
        const int status = clients.back().read_response().status;
        EXPECT_TRUE(status == 101 || status == 503) << status;
        if (status == 101) ++accepted;
    }
    EXPECT_EQ(accepted, 5);
    EXPECT_EQ(server.statistics().connections, 5U);
    EXPECT_EQ(server.statistics().refusals[WSECHO_REFUSED_LIMIT], 25U);
}

TEST(connection_limit, refused_peers_that_stay_do_not_add_up) {
    auto options = default_options();
    options.max_connections = 1;
    TestServer server{options, {.on_message = echo}};
    auto first = open_client(server);
    // Far more than the room for refusals: those beyond it are dropped without an answer.
    std::vector<RawClient> crowd;
    for (int i = 0; i < 200; ++i) {
        crowd.push_back(RawClient::tcp(server.port()));
        crowd.back().send(upgrade_request());
    }
    for (auto& client : crowd)
        client.read_to_end();
    EXPECT_EQ(server.statistics().refusals[WSECHO_REFUSED_LIMIT], 200U);
    first.send_text("unimpressed");
    EXPECT_EQ(first.read_text(), "unimpressed");
}

}  // namespace
}  // namespace wsecho::test
