// Limits of one client's address. Different clients are made by a trusted proxy's header.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/process.h"
#include "support/raw_client.h"
#include "support/test_server.h"
#include "support/waiting.h"

namespace wsecho::test {
namespace {

wsecho_server_options behind_a_proxy() {
    auto options = default_options();
    options.proxy_header = WSECHO_PROXY_X_FORWARDED_FOR;
    options.trusted_proxies = "loopback, unix";
    return options;
}

// One that asks as this address; its answer is read.
struct Asking {
    Asking(const TestServer& server, const std::string& address)
        : client(RawClient::tcp(server.port())) {
        const std::string header = address.empty() ? "" : "X-Forwarded-For: " + address + "\r\n";
        client.send(upgrade_request("/", header));
        answer = client.read_response();
    }
    RawClient client;
    Response answer;
};

TEST(address_limits, one_connection_too_many_of_an_address_gets_429_until_another_leaves) {
    auto options = behind_a_proxy();
    options.max_connections_per_address = 2;
    options.threads = 2;
    TestServer server{options};
    Asking first{server, "203.0.113.1"};
    Asking second{server, "203.0.113.1"};
    EXPECT_EQ(second.answer.status, 101);
    Asking third{server, "203.0.113.1"};
    EXPECT_EQ(third.answer.status, 429);
    EXPECT_GT(std::stoi(third.answer.header("Retry-After")), 0);
    EXPECT_EQ(third.answer.body, "too many connections from this address\n");
    EXPECT_EQ(server.statistics().refusals[WSECHO_REFUSED_ADDRESS], 1U);
    Asking other{server, "203.0.113.2"};
    EXPECT_EQ(other.answer.status, 101);
    first.client.hang_up();
    eventually("its place to be free", [&] {
        return Asking{server, "203.0.113.1"}.answer.status == 101;
    });
}

TEST(address_limits, whoever_is_refused_for_another_reason_takes_no_place) {
    auto options = behind_a_proxy();
    options.max_connections_per_address = 1;
    options.max_connections = 1;
    TestServer server{options};
    Asking first{server, "203.0.113.1"};
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ((Asking{server, "203.0.113.2"}.answer.status), 503);
    first.client.hang_up();
    eventually("room", [&] { return Asking{server, "203.0.113.2"}.answer.status == 101; });
}

TEST(address_limits, who_is_rejected_by_the_application_gives_its_place_back) {
    auto options = behind_a_proxy();
    options.max_connections_per_address = 1;
    Callbacks callbacks;
    callbacks.on_handshake = [](TestServer& self, Id id, const wsecho_handshake&) {
        wsecho_handshake_reject(self.get(), id, nullptr);
    };
    TestServer server{options, callbacks};
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ((Asking{server, "203.0.113.1"}.answer.status), 403);
}

TEST(address_limits, too_many_handshakes_in_a_second_get_429) {
    auto options = behind_a_proxy();
    options.max_handshakes_per_address = 3;
    TestServer server{options};
    std::vector<int> statuses;
    for (int i = 0; i < 50 && (statuses.empty() || statuses.back() == 101); ++i)
        statuses.push_back(Asking{server, "203.0.113.1"}.answer.status);
    // The last one came within the second in which those before it had used up what there was.
    EXPECT_EQ(statuses.back(), 429);
    EXPECT_GT(statuses.size(), 3U);
    EXPECT_EQ((Asking{server, "203.0.113.2"}.answer.status), 101);
    eventually("the bucket to fill again", [&] {
        return Asking{server, "203.0.113.1"}.answer.status == 101;
    });
}

TEST(address_limits, a_network_counts_as_one) {
    auto options = behind_a_proxy();
    options.max_connections_per_address = 1;
    options.address_prefix_v4 = 24;
    options.address_prefix_v6 = 56;
    TestServer server{options};
    Asking one{server, "203.0.113.1"};
    Asking same{server, "203.0.113.99"};
    EXPECT_EQ(same.answer.status, 429);
    Asking six{server, "2001:db8:0:1::1"};
    EXPECT_EQ(six.answer.status, 101);
    Asking same_six{server, "2001:db8:0:ff::1"};
    EXPECT_EQ(same_six.answer.status, 429);
}

TEST(address_limits, trusted_proxies_themselves_and_unix_peers_are_not_limited) {
    const TemporaryFolder folder;
    const std::string path = folder.file("socket");
    auto options = behind_a_proxy();
    options.trusted_proxies = "loopback";
    options.unix_path = path.c_str();
    options.max_connections_per_address = 1;
    options.max_handshakes_per_address = 1;
    TestServer server{options};
    std::vector<Asking> asking;
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(asking.emplace_back(server, "").answer.status, 101);
    std::vector<RawClient> local;
    for (int i = 0; i < 3; ++i)
        local.push_back(RawClient::unix_socket(path));
    for (RawClient& client : local)
        client.shake_hands();
}

TEST(address_limits, without_proxies_it_is_the_peer_s_own_address) {
    auto options = default_options();
    options.max_connections_per_address = 1;
    TestServer server{options};
    Asking first{server, ""};
    EXPECT_EQ(first.answer.status, 101);
    EXPECT_EQ((Asking{server, "203.0.113.1"}.answer.status), 429) << "who says so is not believed";
}

}  // namespace
}  // namespace wsecho::test
