// The client's address behind proxies, believed only from those that are trusted.
#include <gtest/gtest.h>

#include <string>

#include "support/raw_client.h"
#include "support/test_server.h"

namespace wsecho::test {
namespace {

wsecho_server_options behind(wsecho_proxy_header header, const char* trusted) {
    auto options = default_options();
    options.proxy_header = header;
    options.trusted_proxies = trusted;
    return options;
}

std::string address_of(const TestServer& server, Id id) {
    return server.ask(wsecho_connection_remote_address, id);
}

// As the server sees a client whose request has these headers, and these bytes before it.
std::string address_behind(const wsecho_server_options& options, std::string_view headers,
                           std::string_view before = {}) {
    TestServer server{options};
    auto client = RawClient::tcp(server.port());
    const std::string local = client.local_address();
    client.send(std::string{before} + upgrade_request("/", headers));
    EXPECT_EQ(client.read_response().status, 101);
    const std::string seen = address_of(server, server.await_open());
    return seen == local ? "its own" : seen;
}

TEST(proxies, x_forwarded_for_tells_the_client) {
    const auto options = behind(WSECHO_PROXY_X_FORWARDED_FOR, "loopback, 10.0.0.0/8");
    EXPECT_EQ(address_behind(options, "X-Forwarded-For: 203.0.113.9\r\n"), "203.0.113.9");
    EXPECT_EQ(address_behind(options, "X-Forwarded-For: 1.2.3.4, 203.0.113.9, 10.1.1.1\r\n"),
              "203.0.113.9")
        << "what is left of it may be forged";
    EXPECT_EQ(address_behind(options, "Forwarded: for=203.0.113.9\r\n"), "its own");
    EXPECT_EQ(address_behind(options, ""), "its own");
}

TEST(proxies, forwarded_tells_the_client) {
    const auto options = behind(WSECHO_PROXY_FORWARDED, "loopback");
    EXPECT_EQ(address_behind(options, "Forwarded: for=\"[2001:db8::1]:4711\";proto=https\r\n"),
              "[2001:db8::1]:4711");
    EXPECT_EQ(address_behind(options, "X-Forwarded-For: 203.0.113.9\r\n"), "its own");
}

TEST(proxies, the_proxy_protocol_tells_the_client) {
    const auto options = behind(WSECHO_PROXY_PROTOCOL, "loopback");
    EXPECT_EQ(address_behind(options, "", "PROXY TCP4 203.0.113.9 192.0.2.1 4711 443\r\n"),
              "203.0.113.9:4711");
    EXPECT_EQ(address_behind(options, "", "PROXY UNKNOWN\r\n"), "its own");
    using std::string_view_literals::operator""sv;
    EXPECT_EQ(address_behind(options, "",
                             "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0C"
                             "\xCB\0\x71\x09\xC0\0\x02\x01\x12\x67\x01\xBB"sv),
              "203.0.113.9:4711");
}

TEST(proxies, a_proxy_header_may_come_in_pieces) {
    TestServer server{behind(WSECHO_PROXY_PROTOCOL, "loopback")};
    auto client = RawClient::tcp(server.port());
    client.send_in_pieces("PROXY TCP6 2001:db8::1 ::1 4711 443\r\n" + upgrade_request(), 7);
    EXPECT_EQ(client.read_response().status, 101);
    EXPECT_EQ(address_of(server, server.await_open()), "[2001:db8::1]:4711");
}

TEST(proxies, others_are_not_believed) {
    for (const auto header : {WSECHO_PROXY_X_FORWARDED_FOR, WSECHO_PROXY_FORWARDED})
        EXPECT_EQ(address_behind(behind(header, "10.0.0.0/8"),
                                 "X-Forwarded-For: 1.2.3.4\r\nForwarded: for=1.2.3.4\r\n"),
                  "its own");
    EXPECT_EQ(address_behind(behind(WSECHO_PROXY_PROTOCOL, "10.0.0.0/8"), ""), "its own");
    EXPECT_EQ(address_behind(default_options(), "X-Forwarded-For: 1.2.3.4\r\n"), "its own");
}

int status_of(const wsecho_server_options& options, const std::string& bytes) {
    TestServer server{options};
    auto client = RawClient::tcp(server.port());
    client.send(bytes);
    return client.read_response().status;
}

TEST(proxies, a_trusted_one_that_sends_no_proxy_header_gets_400) {
    EXPECT_EQ(status_of(behind(WSECHO_PROXY_PROTOCOL, "loopback"), upgrade_request()), 400);
    EXPECT_EQ(status_of(behind(WSECHO_PROXY_PROTOCOL, "loopback"), "PROXY TCP4 a b c d\r\n"), 400);
}

TEST(proxies, a_proxy_header_of_a_stranger_is_no_request) {
    EXPECT_EQ(status_of(behind(WSECHO_PROXY_PROTOCOL, "10.0.0.0/8"),
                        "PROXY TCP4 203.0.113.9 192.0.2.1 4711 443\r\n" + upgrade_request()),
              400);
}

TEST(proxies, the_handshake_hook_sees_the_client_too) {
    std::string seen;
    Callbacks callbacks;
    callbacks.on_handshake = [&](TestServer& self, Id id, const wsecho_handshake& asked) {
        seen = asked.remote_address;
        wsecho_handshake_accept(self.get(), id, nullptr);
    };
    TestServer server{behind(WSECHO_PROXY_X_FORWARDED_FOR, "loopback"), callbacks};
    auto client = RawClient::tcp(server.port());
    client.shake_hands("/", "X-Forwarded-For: 203.0.113.9\r\n");
    EXPECT_EQ(seen, "203.0.113.9");
}

TEST(proxies, a_peer_on_a_unix_socket_is_trusted_by_its_word) {
    auto options = behind(WSECHO_PROXY_X_FORWARDED_FOR, "unix");
    const std::string path = ::testing::TempDir() + "wsecho_proxies_test.sock";
    options.port = -1;
    options.unix_path = path.c_str();
    TestServer server{options};
    auto client = RawClient::unix_socket(path);
    client.shake_hands("/", "X-Forwarded-For: 203.0.113.9\r\n");
    EXPECT_EQ(address_of(server, server.await_open()), "203.0.113.9");
}

}  // namespace
}  // namespace wsecho::test
