// Connections without a whole request: they give way, the oldest first, and never keep out a client
// that asks. No handshake times out here.
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <vector>

#include "support/gate.h"
#include "support/process.h"
#include "support/raw_client.h"
#include "support/test_server.h"
#include "support/waiting.h"

namespace wsecho::test {
namespace {

constexpr const char* here = "127.0.0.2";
constexpr const char* elsewhere = "127.0.0.3";

wsecho_server_options patient_options() {
    auto options = default_options();
    options.handshake_timeout_ms = 600'000;
    options.close_timeout_ms = 600'000;
    return options;
}

wsecho_server_options with_pending(std::uint32_t bound) {
    auto options = patient_options();
    options.max_pending_handshakes = bound;
    return options;
}

std::vector<RawClient> silent_clients(const TestServer& server, std::size_t count,
                                      const char* source = here) {
    std::vector<RawClient> clients;
    for (std::size_t i = 0; i < count; ++i)
        clients.push_back(RawClient::tcp_from(source, server.port()));
    return clients;
}

RawClient open_client_from(const char* source, const TestServer& server) {
    auto client = RawClient::tcp_from(source, server.port());
    client.shake_hands();
    return client;
}

int status_of_request(RawClient& client) {
    client.send(upgrade_request());
    return client.read_response().status;
}

// The loop has accepted and closed whatever it had to before this.
void been_round(RawClient& open) {
    open.send_text("been round?");
    open.read_text();
}

std::uint64_t refused(const TestServer& server, wsecho_refusal reason) {
    return server.statistics().refusals[reason];
}

void expect_told(RawClient& client, int status) {
    const auto answer = client.read_response();
    EXPECT_EQ(answer.status, status);
    EXPECT_GT(std::stoi(answer.header("Retry-After")), 0);
    client.read_to_end();
}

void expect_clients_to_get_in_among_silent_ones(const wsecho_server_options& options) {
    const SoftDescriptorLimit limit{5000};
    TestServer server{options, {.on_message = echo}};
    std::vector<std::vector<RawClient>> silent;
    std::vector<RawClient> clients;
    for (int i = 0; i < 20; ++i) {
        silent.push_back(silent_clients(server, 100));
        clients.push_back(open_client(server));
    }
    for (auto& client : clients)
        been_round(client);
    EXPECT_GT(refused(server, WSECHO_REFUSED_LIMIT), 1000U);
}

TEST(pending_handshakes, thousands_of_silent_sockets_keep_no_client_out) {
    auto options = patient_options();
    options.max_connections = 50;
    expect_clients_to_get_in_among_silent_ones(options);
}

TEST(pending_handshakes, nor_do_they_with_a_bound_of_their_own_on_several_loops) {
    auto options = with_pending(30);
    options.threads = 3;
    expect_clients_to_get_in_among_silent_ones(options);
}

TEST(pending_handshakes, the_oldest_gives_way_and_is_told) {
    TestServer server{with_pending(3), {.on_message = echo}};
    auto silent = silent_clients(server, 3);
    auto newcomer = RawClient::tcp_from(here, server.port());
    expect_told(silent[0], 503);
    EXPECT_TRUE(silent[1].is_silent());
    EXPECT_EQ(refused(server, WSECHO_REFUSED_LIMIT), 1U);
    EXPECT_EQ(status_of_request(silent[2]), 101);
    EXPECT_EQ(status_of_request(silent[1]), 101);
    EXPECT_EQ(status_of_request(newcomer), 101);
    // Open ones are no longer among them.
    silent_clients(server, 3);
    been_round(silent[1]);
    been_round(newcomer);
}

TEST(pending_handshakes, a_request_that_has_arrived_is_served_though_nobody_has_read_it_yet) {
    Gate gate;
    auto options = with_pending(1);
    TestServer server{options, {.on_message = [&](TestServer&, const Message&) { gate.pass(); }}};
    auto keeper = open_client(server);
    keeper.send_text("wait");
    gate.await();
    std::vector<RawClient> clients;
    for (int i = 0; i < 10; ++i) {
        clients.push_back(RawClient::tcp(server.port()));
        clients.back().send(upgrade_request());
    }
    gate.open();
    for (auto& client : clients)
        EXPECT_EQ(client.read_response().status, 101);
    EXPECT_EQ(refused(server, WSECHO_REFUSED_LIMIT), 0U);
}

// The server's part of the descriptors, after so many clients have been refused and stay.
void expect_refused_ones_to_give_way(const wsecho_server_options& options,
                                     const Callbacks& callbacks, std::string_view target,
                                     int status) {
    TestServer server{options, callbacks};
    auto witness = open_client(server, "/in");
    const auto before = open_descriptors();
    std::vector<RawClient> refused_ones;
    for (int i = 0; i < 50; ++i) {
        refused_ones.push_back(RawClient::tcp(server.port()));
        refused_ones.back().send(upgrade_request(target));
        EXPECT_EQ(refused_ones.back().read_response().status, status);
    }
    auto newcomer = RawClient::tcp(server.port());
    been_round(witness);
    been_round(witness);
    EXPECT_LE(open_descriptors() - before, 50 + 1 + options.max_pending_handshakes);
    EXPECT_EQ(refused(server, WSECHO_REFUSED_LIMIT), 0U) << "they are counted for what they were";
}

TEST(pending_handshakes, refused_ones_that_stay_give_way) {
    auto options = with_pending(4);
    options.path = "/in";
    expect_refused_ones_to_give_way(options, {.on_message = echo}, "/nowhere", 404);
}

TEST(pending_handshakes, those_that_the_application_has_rejected_give_way) {
    Callbacks callbacks{.on_message = echo};
    callbacks.on_handshake = [](TestServer& self, Id id, const wsecho_handshake& asked) {
        if (std::string{asked.uri} == "/in")
            wsecho_handshake_accept(self.get(), id, nullptr);
        else
            wsecho_handshake_reject(self.get(), id, nullptr);
    };
    expect_refused_ones_to_give_way(with_pending(4), callbacks, "/out", 403);
}

TEST(pending_handshakes, those_that_wait_for_the_application_do_not_give_way) {
    std::promise<Id> asking;
    Callbacks callbacks;
    callbacks.on_handshake = [&](TestServer&, Id id, const wsecho_handshake&) {
        asking.set_value(id);
    };
    TestServer server{with_pending(2), callbacks};
    auto client = RawClient::tcp(server.port());
    client.send(upgrade_request());
    auto silent = silent_clients(server, 10);
    for (std::size_t i = 0; i < 8; ++i)
        expect_told(silent[i], 503);
    const Id id = asking.get_future().get();
    EXPECT_EQ(wsecho_handshake_accept(server.get(), id, nullptr), WSECHO_OK);
    EXPECT_EQ(client.read_response().status, 101);
}

TEST(pending_handshakes, an_address_that_floods_the_server_gives_way_to_itself) {
    TestServer server{with_pending(8)};
    auto slow = RawClient::tcp_from(elsewhere, server.port());
    auto flood = silent_clients(server, 100);
    for (std::size_t i = 0; i < 93; ++i)
        expect_told(flood[i], 503);
    EXPECT_EQ(status_of_request(slow), 101);
    EXPECT_EQ(status_of_request(flood[93]), 101);
}

TEST(pending_handshakes, an_address_may_have_a_bound_of_its_own) {
    auto options = patient_options();
    options.max_pending_handshakes_per_address = 2;
    TestServer server{options};
    auto others = silent_clients(server, 2, elsewhere);
    auto silent = silent_clients(server, 3);
    expect_told(silent[0], 429);
    EXPECT_EQ(refused(server, WSECHO_REFUSED_ADDRESS), 1U);
    EXPECT_EQ(status_of_request(others[0]), 101);
    EXPECT_EQ(status_of_request(silent[1]), 101);
}

TEST(pending_handshakes, connections_of_an_address_are_counted_from_their_acceptance) {
    auto options = patient_options();
    options.max_connections_per_address = 3;
    TestServer server{options};
    for (int round = 0; round < 3; ++round) {
        std::vector<RawClient> open;
        eventually("a place to be free", [&] {
            open.push_back(RawClient::tcp_from(here, server.port()));
            return status_of_request(open.back()) == 101;
        });
        auto silent = silent_clients(server, 5);
        for (std::size_t i = 0; i < 3; ++i)
            expect_told(silent[i], 429);
        EXPECT_TRUE(silent[3].is_silent());
        EXPECT_EQ(status_of_request(silent[4]), 101);
        EXPECT_EQ(status_of_request(silent[3]), 101);
        auto surplus = RawClient::tcp_from(here, server.port());
        EXPECT_EQ(status_of_request(surplus), 429);
        auto other = RawClient::tcp_from(elsewhere, server.port());
        EXPECT_EQ(status_of_request(other), 101);
    }
}

TEST(pending_handshakes, silent_sockets_of_an_address_keep_no_place_on_any_loop) {
    auto options = patient_options();
    options.max_connections_per_address = 4;
    options.threads = 3;
    TestServer server{options};
    auto silent = silent_clients(server, 100);
    std::vector<RawClient> open;
    for (int i = 0; i < 4; ++i)
        open.push_back(open_client_from(here, server));
    auto surplus = RawClient::tcp_from(here, server.port());
    EXPECT_EQ(status_of_request(surplus), 429);
}

std::string proxy_header(const std::string& client) {
    return "PROXY TCP4 " + client + " 192.0.2.1 4711 443\r\n";
}

TEST(pending_handshakes, behind_the_proxy_protocol_they_count_when_the_client_is_known) {
    auto options = patient_options();
    options.proxy_header = WSECHO_PROXY_PROTOCOL;
    options.trusted_proxies = "loopback";
    options.max_connections_per_address = 2;
    options.max_pending_handshakes_per_address = 2;
    TestServer server{options};
    auto unknown = silent_clients(server, 5);
    std::vector<RawClient> known;
    for (int i = 0; i < 4; ++i) {
        known.push_back(RawClient::tcp_from(here, server.port()));
        known.back().send(proxy_header("203.0.113.9"));
        if (i >= 2) expect_told(known[static_cast<std::size_t>(i) - 2], 429);
    }
    EXPECT_EQ(status_of_request(known[2]), 101);
    EXPECT_EQ(status_of_request(known[3]), 101);
    for (auto& proxy : unknown)
        EXPECT_TRUE(proxy.is_silent());
    unknown[0].send(proxy_header("203.0.113.9"));
    EXPECT_EQ(status_of_request(unknown[0]), 429);
    unknown[1].send(proxy_header("203.0.113.10"));
    EXPECT_EQ(status_of_request(unknown[1]), 101);
    known[2].hang_up();
    known[3].hang_up();
    std::vector<RawClient> again;
    eventually("both places to be free", [&] {
        again.push_back(RawClient::tcp_from(here, server.port()));
        again.back().send(proxy_header("203.0.113.9"));
        if (status_of_request(again.back()) != 101) again.pop_back();
        return again.size() == 2;
    });
    unknown[2].send(proxy_header("203.0.113.9"));
    EXPECT_EQ(status_of_request(unknown[2]), 429) << "no place is given back twice";
}

TEST(pending_handshakes, proxies_that_tell_the_client_in_the_request_are_not_limited_before_it) {
    auto options = patient_options();
    options.proxy_header = WSECHO_PROXY_X_FORWARDED_FOR;
    options.trusted_proxies = "loopback";
    options.max_connections_per_address = 1;
    options.max_pending_handshakes_per_address = 1;
    TestServer server{options};
    auto proxied = silent_clients(server, 10);
    for (std::size_t i = 0; i < proxied.size(); ++i)
        proxied[i].shake_hands("/", "X-Forwarded-For: 203.0.113." + std::to_string(i) + "\r\n");
    auto surplus = RawClient::tcp_from(here, server.port());
    surplus.send(upgrade_request("/", "X-Forwarded-For: 203.0.113.1\r\n"));
    EXPECT_EQ(surplus.read_response().status, 429);
}

}  // namespace
}  // namespace wsecho::test
