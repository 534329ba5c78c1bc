// Which web pages may connect, by their Origin and by the Host that they ask for.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/raw_client.h"
#include "support/test_server.h"

namespace wsecho::test {
namespace {

// A handshake by that Host.
std::string request_for(const std::string& host, const std::string& more_headers) {
    return "GET / HTTP/1.1\r\nHost: " + host +
           "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
           more_headers + "\r\n";
}

// The request of a page that came from `host`, or so its browser thinks.
std::string of_page(const std::string& host) {
    return request_for(host, "Origin: http://" + host + "\r\n");
}

int status_of(const TestServer& server, const std::string& request) {
    auto client = RawClient::tcp(server.port());
    client.send(request);
    return client.read_response().status;
}

// With a list of hosts by which pages may connect.
wsecho_server_options named(const char* hosts) {
    auto options = default_options();
    options.allowed_hosts = hosts;
    return options;
}

TEST(origins, a_page_of_another_host_gets_403_unless_it_is_listed) {
    TestServer strict{named("test")};
    const auto other = request_for("test", "Origin: https://example.com\r\n");
    EXPECT_EQ(status_of(strict, other), 403);
    EXPECT_EQ(status_of(strict, of_page("test")), 101);
    EXPECT_EQ(status_of(strict, request_for("test", "")), 101);
    EXPECT_EQ(strict.statistics().refusals[WSECHO_REFUSED_ORIGIN], 1U);

    auto options = default_options();
    options.origins = "https://*.example.org https://example.com";
    TestServer listed{options};
    EXPECT_EQ(status_of(listed, other), 101);
    EXPECT_EQ(status_of(listed, of_page("test")), 403);
}

TEST(allowed_hosts, a_page_whose_name_was_made_to_resolve_to_this_machine_gets_421) {
    TestServer server;
    auto client = RawClient::tcp(server.port());
    client.send(of_page("evil.example:9001"));
    const auto response = client.read_response();
    EXPECT_EQ(response.status, 421);
    EXPECT_NE(response.body.find("allowed_hosts"), std::string::npos) << response.body;
    EXPECT_EQ(server.statistics().refusals[WSECHO_REFUSED_HOST], 1U);
    EXPECT_EQ(server.statistics().refusals[WSECHO_REFUSED_ORIGIN], 0U);
}

TEST(allowed_hosts, the_log_names_the_host_and_the_option_a_few_times) {
    TestServer server;
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(status_of(server, of_page("evil.example")), 421);
    server.stop();
    std::vector<std::string> lines;
    for (const std::string& line : server.record().log)
        if (line.find("Host") != std::string::npos) lines.push_back(line);
    ASSERT_EQ(lines.size(), 6U);
    EXPECT_NE(lines.front().find("'evil.example'"), std::string::npos) << lines.front();
    EXPECT_NE(lines.front().find("allowed_hosts"), std::string::npos) << lines.front();
    EXPECT_EQ(lines.back(), "15 more pages refused for their Host were not logged one by one");
}

TEST(allowed_hosts, by_default_pages_of_localhost_and_of_addresses_may_connect_to_this_machine) {
    TestServer server;
    for (const char* const host : {"localhost:9001", "app.localhost", "127.0.0.1:9001", "[::1]"})
        EXPECT_EQ(status_of(server, of_page(host)), 101) << host;
}

TEST(allowed_hosts, a_list_stands_for_the_default) {
    TestServer server{named("example.com, *.example.org")};
    EXPECT_EQ(status_of(server, of_page("example.com:9001")), 101);
    EXPECT_EQ(status_of(server, of_page("a.example.org")), 101);
    EXPECT_EQ(status_of(server, of_page("localhost")), 421);
}

TEST(allowed_hosts, who_sends_no_origin_may_use_any_host) {
    TestServer server;
    EXPECT_EQ(status_of(server, request_for("evil.example", "")), 101);
}

TEST(allowed_hosts, a_page_that_origins_names_may_use_any_host) {
    auto options = default_options();
    options.origins = "same https://example.com";
    TestServer server{options};
    EXPECT_EQ(status_of(server, request_for("any.example", "Origin: https://example.com\r\n")),
              101);
    EXPECT_EQ(status_of(server, of_page("any.example")), 421);
}

TEST(allowed_hosts, who_came_through_a_trusted_proxy_is_not_local) {
    auto options = default_options();
    options.proxy_header = WSECHO_PROXY_X_FORWARDED_FOR;
    options.trusted_proxies = "loopback";
    TestServer server{options};
    const std::string page = "Origin: https://chat.example\r\n";
    EXPECT_EQ(
        status_of(server, request_for("chat.example", page + "X-Forwarded-For: 203.0.113.9\r\n")),
        101);
    EXPECT_EQ(status_of(server, request_for("chat.example", page)), 421)
        << "a browser of this machine, past the proxy";
}

TEST(allowed_hosts, who_came_with_a_proxy_s_header_is_not_local) {
    auto options = default_options();
    options.proxy_header = WSECHO_PROXY_PROTOCOL;
    options.trusted_proxies = "loopback";
    TestServer server{options};
    EXPECT_EQ(status_of(server,
                        "PROXY TCP4 203.0.113.9 192.0.2.1 4711 443\r\n" + of_page("chat.example")),
              101);
}

TEST(origins, what_is_no_list_is_an_error_that_names_the_field) {
    auto options = default_options();
    options.origins = "example.com";
    wsecho_server* server = nullptr;
    EXPECT_EQ(wsecho_server_create(&server, &options, nullptr, nullptr), WSECHO_ERR_INVALID_OPTION);
    EXPECT_EQ(std::string{wsecho_error_detail()}.substr(0, 9), "origins: ");
}

}  // namespace
}  // namespace wsecho::test
