// Endpoints behind an HTTP proxy: a tunnel is asked for, and everything goes through it.
#include <gtest/gtest.h>

#include <thread>

#include "support/raw_client.h"
#include "support/raw_server.h"
#include "support/test_dialer.h"
#include "support/test_server.h"

namespace wsecho::test {
namespace {

std::string proxy_url(const RawServer& proxy, const std::string& credentials = {}) {
    return "http://" + credentials + "127.0.0.1:" + std::to_string(proxy.port());
}

wsecho_dialer_options through(const std::string& proxy) {
    auto options = dialer_options();
    options.proxy = proxy.c_str();
    return options;
}

// The change that the proxy's answer leads to.
DialChange change_after(const std::string& answer) {
    RawServer proxy;
    TestServer host{no_listener()};
    const auto url = proxy_url(proxy);
    TestDialer dialer{host, "ws://endpoint.example/", through(url)};
    proxy.answer_next(answer);
    return dialer.await_change(WSECHO_DIALER_DISCONNECTED);
}

TEST(dialer_proxy, is_asked_for_a_tunnel_to_a_name_that_it_resolves) {
    RawServer proxy;
    TestServer host{no_listener()};
    const auto url = proxy_url(proxy);
    TestDialer dialer{host, "ws://only.the.proxy.knows.invalid/chat", through(url)};
    auto tunnel = proxy.accept();
    EXPECT_EQ(tunnel.read_request(),
              "CONNECT only.the.proxy.knows.invalid:80 HTTP/1.1\r\n"
              "Host: only.the.proxy.knows.invalid:80\r\n\r\n");
    tunnel.send("HTTP/1.0 200 Connection established\r\nVia: here\r\n\r\n");
    const auto request = tunnel.shake_hands();
    EXPECT_TRUE(request.starts_with("GET /chat HTTP/1.1\r\n"));
    EXPECT_EQ(header_of(request, "Host"), "only.the.proxy.knows.invalid");
    EXPECT_EQ(header_of(request, "Proxy-Authorization"), "") << "not for the endpoint";
    dialer.await_change(WSECHO_DIALER_CONNECTED);
    dialer.send_text("through it");
    EXPECT_EQ(tunnel.read_text(), "through it");
    tunnel.send_text("and back");
    EXPECT_EQ(dialer.await_message().payload, "and back");
}

TEST(dialer_proxy, carries_everything_to_a_server_of_ours) {
    TestServer server{default_options(), {.on_message = echo}};
    const auto endpoint = RawClient::tcp(server.port());  // as the proxy has it
    RawServer proxy;
    TestServer host{no_listener()};
    const auto url = proxy_url(proxy);
    TestDialer dialer{host, "ws://127.0.0.1:" + std::to_string(server.port()), through(url)};
    auto tunnel = proxy.accept();
    EXPECT_EQ(header_of(tunnel.read_request(), "Host"),
              "127.0.0.1:" + std::to_string(server.port()));
    tunnel.send("HTTP/1.1 200 OK\r\n\r\n");
    tunnel.pass_on_to(endpoint.descriptor());
    dialer.await_change(WSECHO_DIALER_CONNECTED);
    const std::string large(100000, 'x');
    dialer.send_text(large);
    EXPECT_EQ(dialer.await_message().payload, large);
    dialer.destroy();
    EXPECT_EQ(server.await_close().code, 1001U);
}

TEST(dialer_proxy, is_told_who_asks) {
    RawServer proxy;
    TestServer host{no_listener()};
    const auto url = proxy_url(proxy, "Aladdin:open%20sesame@");
    TestDialer dialer{host, "ws://endpoint.example/", through(url)};
    EXPECT_EQ(header_of(proxy.accept().read_request(), "Proxy-Authorization"),
              "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
}

TEST(dialer_proxy, that_wants_to_know_who_asks_is_a_permanent_failure) {
    const auto change = change_after(
        "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n");
    EXPECT_EQ(change.failure, WSECHO_DIAL_PROXY);
    EXPECT_EQ(change.status, 407U);
    EXPECT_TRUE(change.has_given_up);
}

TEST(dialer_proxy, that_does_not_reach_the_endpoint_is_asked_again) {
    const auto change = change_after("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    EXPECT_EQ(change.failure, WSECHO_DIAL_PROXY);
    EXPECT_EQ(change.status, 502U);
    EXPECT_FALSE(change.has_given_up);
}

TEST(dialer_proxy, that_answers_nonsense_is_a_failure) {
    EXPECT_EQ(change_after("HTTP/1.1 200 OK\r\n\r\nunasked").failure, WSECHO_DIAL_PROXY);
    EXPECT_EQ(change_after("no HTTP at all\r\n\r\n").failure, WSECHO_DIAL_PROXY);
    EXPECT_EQ(change_after(std::string(20000, 'x')).failure, WSECHO_DIAL_PROXY);
}

TEST(dialer_proxy, that_hangs_up_is_a_failure) {
    RawServer proxy;
    TestServer host{no_listener()};
    const auto url = proxy_url(proxy);
    TestDialer dialer{host, "ws://endpoint.example/", through(url)};
    proxy.accept().read_request();
    EXPECT_EQ(dialer.await_change(WSECHO_DIALER_DISCONNECTED).failure, WSECHO_DIAL_PROXY);
}

TEST(dialer_proxy, that_is_down_is_a_failure_to_connect) {
    RawServer proxy;
    const auto url = proxy_url(proxy);
    proxy.close();
    TestServer host{no_listener()};
    TestDialer dialer{host, "ws://endpoint.example/", through(url)};
    EXPECT_EQ(dialer.await_change(WSECHO_DIALER_DISCONNECTED).failure, WSECHO_DIAL_CONNECT);
}

}  // namespace
}  // namespace wsecho::test
