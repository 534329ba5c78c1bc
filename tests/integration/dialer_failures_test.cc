// What a dialer makes of endpoints that are down, or wrong: what passes is tried again, what does
// not is given up; and which arguments are refused.
#include <gtest/gtest.h>

#include <array>
#include <functional>

#include "support/raw_server.h"
#include "support/test_dialer.h"
#include "support/test_server.h"
#include "support/waiting.h"

namespace wsecho::test {
namespace {

// The change that a first answer of these bytes leads to.
DialChange change_after(const std::string& answer, wsecho_dialer_options options) {
    RawServer endpoint;
    TestServer host{no_listener()};
    TestDialer dialer{host, endpoint.url(), options};
    endpoint.answer_next(answer);
    return dialer.await_change(WSECHO_DIALER_DISCONNECTED);
}

DialChange change_after(const std::string& answer) {
    return change_after(answer, dialer_options());
}

std::string answer_of(const std::string& status) {
    return "HTTP/1.1 " + status + "\r\nContent-Length: 0\r\n\r\n";
}

TEST(dialer_failures, gives_up_on_what_will_be_the_same_again) {
    for (const char* const status : {"401 Unauthorized", "403 Forbidden", "404 Not Found",
                                     "400 Bad Request", "301 Moved Permanently"}) {
        const auto change = change_after(answer_of(status));
        EXPECT_EQ(change.failure, WSECHO_DIAL_STATUS);
        EXPECT_EQ(change.status, static_cast<unsigned>(std::stoi(status)));
        EXPECT_TRUE(change.has_given_up) << status;
        EXPECT_NE(change.detail.find(status), std::string::npos) << change.detail;
    }
}

TEST(dialer_failures, tries_again_what_passes) {
    for (const char* const status :
         {"500 Internal Server Error", "502 Bad Gateway", "503 Service Unavailable",
          "429 Too Many Requests", "408 Request Timeout", "200 OK"}) {
        const auto change = change_after(answer_of(status));
        EXPECT_EQ(change.failure, WSECHO_DIAL_STATUS);
        EXPECT_FALSE(change.has_given_up) << status;
    }
}

TEST(dialer_failures, refuses_answers_that_break_the_rfc) {
    const std::string good =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
    for (const std::string& answer :
         {std::string{"SSH-2.0-OpenSSH_9.2\r\n\r\n"}, std::string{"\r\n\r\n"}, good + "\r\n",
          good + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
          good + std::string(16400, 'x')}) {
        const auto change = change_after(answer);
        EXPECT_EQ(change.failure, WSECHO_DIAL_ANSWER) << change.detail;
        EXPECT_FALSE(change.has_given_up);
        EXPECT_NE(change.detail, "");
    }
}

TEST(dialer_failures, refuses_what_it_has_not_asked_for) {
    for (const char* const header :
         {"Sec-WebSocket-Extensions: permessage-deflate\r\n", "Sec-WebSocket-Protocol: chat\r\n"}) {
        RawServer endpoint;
        TestServer host{no_listener()};
        TestDialer dialer{host, endpoint.url()};
        endpoint.accept().shake_hands(header);
        EXPECT_EQ(dialer.await_change(WSECHO_DIALER_DISCONNECTED).failure, WSECHO_DIAL_ANSWER);
        EXPECT_TRUE(dialer.record().opened.empty());
    }
}

TEST(dialer_failures, tells_of_a_server_that_hangs_up_before_it_answers) {
    RawServer endpoint;
    TestServer host{no_listener()};
    TestDialer dialer{host, endpoint.url()};
    endpoint.accept().read_request();
    const auto change = dialer.await_change(WSECHO_DIALER_DISCONNECTED);
    EXPECT_EQ(change.failure, WSECHO_DIAL_ANSWER);
    EXPECT_FALSE(change.has_given_up);
}

TEST(dialer_failures, ends_an_attempt_that_takes_too_long) {
    RawServer silent;
    TestServer host{no_listener()};
    auto options = dialer_options();
    options.connect_timeout_ms = 30;
    TestDialer dialer{host, silent.url(), options};
    const auto change = dialer.await_change(WSECHO_DIALER_DISCONNECTED);
    EXPECT_EQ(change.failure, WSECHO_DIAL_TIMEOUT);
    EXPECT_FALSE(change.has_given_up);
    dialer.await_change(WSECHO_DIALER_CONNECTING, 1);
}

TEST(dialer_failures, waits_at_random_below_a_bound_that_grows) {
    TestServer host{no_listener()};
    auto options = dialer_options();
    options.retry_first_ms = 4;
    options.retry_max_ms = 16;
    options.max_attempts = 8;
    RawServer gone;
    gone.close();
    TestDialer dialer{host, gone.url(), options};
    const auto last = dialer.await_change(WSECHO_DIALER_DISCONNECTED, 7);
    EXPECT_TRUE(last.has_given_up);
    EXPECT_EQ(last.failed_attempts, 8U);
    std::uint64_t bound = 4;
    for (std::size_t n = 0; n < 7; ++n) {
        const auto change = dialer.await_change(WSECHO_DIALER_DISCONNECTED, n);
        EXPECT_EQ(change.failure, WSECHO_DIAL_CONNECT);
        EXPECT_NE(change.detail.find("refused"), std::string::npos) << change.detail;
        EXPECT_EQ(change.failed_attempts, n + 1);
        EXPECT_LE(change.wait_ms, bound);
        bound = std::min<std::uint64_t>(2 * bound, 16);
    }
    EXPECT_EQ(wsecho_dialer_get_state(dialer.get()), WSECHO_DIALER_DISCONNECTED);
}

TEST(dialer_failures, begins_anew_when_it_is_started_after_it_gave_up) {
    TestServer host{no_listener()};
    RawServer endpoint;
    TestDialer dialer{host, endpoint.url()};
    endpoint.answer_next(answer_of("404 Not Found"));
    EXPECT_TRUE(dialer.await_change(WSECHO_DIALER_DISCONNECTED).has_given_up);
    EXPECT_EQ(wsecho_dialer_start(dialer.get()), WSECHO_OK);
    auto peer = endpoint.accept();
    peer.shake_hands();
    dialer.await_change(WSECHO_DIALER_CONNECTED);
}

TEST(dialer_failures, goes_on_with_other_endpoints_where_one_is_given_up) {
    TestServer host{no_listener()};
    RawServer wrong;
    RawServer right;
    TestDialer dialer{host, wrong.url() + " " + right.url()};
    wrong.answer_next(answer_of("403 Forbidden"));
    for (int i = 0; i < 2; ++i) {
        auto peer = right.accept();
        peer.shake_hands();
        EXPECT_EQ(dialer.await_change(WSECHO_DIALER_CONNECTED, static_cast<std::size_t>(i)).url,
                  right.url());
    }
}

TEST(dialer_failures, tells_of_a_name_that_is_none) {
    TestServer host{no_listener()};
    TestDialer dialer{host, "ws://no.such.name.invalid"};  // RFC 6761, section 6.4
    const auto change = dialer.await_change(WSECHO_DIALER_DISCONNECTED);
    EXPECT_EQ(change.failure, WSECHO_DIAL_RESOLVE);
    EXPECT_FALSE(change.has_given_up);
    EXPECT_NE(change.detail.find("no.such.name.invalid"), std::string::npos);
}

TEST(dialer_failures, has_no_place_where_the_server_is_full) {
    TestServer server;
    auto options = no_listener();
    options.max_connections = 1;
    TestServer host{options};
    const auto url = "ws://127.0.0.1:" + std::to_string(server.port());
    TestDialer first{host, url};
    first.await_change(WSECHO_DIALER_CONNECTED);
    TestDialer second{host, url};
    const auto change = second.await_change(WSECHO_DIALER_DISCONNECTED);
    EXPECT_EQ(change.failure, WSECHO_DIAL_LIMIT);
    EXPECT_FALSE(change.has_given_up);
    first.destroy();
    second.await_change(WSECHO_DIALER_CONNECTED);
}

// What wsecho_dialer_create() says to options that were changed like this.
int created(const std::function<void(wsecho_dialer_options&)>& change) {
    TestServer host{TestServer::NotStarted{}, no_listener()};
    wsecho_dialer_options options = WSECHO_DIALER_OPTIONS_INIT;
    options.urls = "ws://a";
    change(options);
    wsecho_dialer* dialer = nullptr;
    const int result =
        wsecho_dialer_create(&dialer, host.get(), &options, nullptr, nullptr, nullptr);
    EXPECT_EQ(result == WSECHO_OK, dialer != nullptr);
    EXPECT_EQ(wsecho_dialer_destroy(dialer), WSECHO_OK);
    return result;
}

std::string refused_field(const std::function<void(wsecho_dialer_options&)>& change) {
    EXPECT_EQ(created(change), WSECHO_ERR_INVALID_OPTION);
    const std::string detail = wsecho_error_detail();
    return detail.substr(0, detail.find(':'));
}

TEST(dialer_failures, names_the_option_that_is_wrong) {
    using Options = wsecho_dialer_options;
    EXPECT_EQ(created([](Options&) {}), WSECHO_OK);
    for (const char* const urls : {"", " ", "a", "http://a", "ws://a b", "ws://a#b"})
        EXPECT_EQ(refused_field([=](Options& o) { o.urls = urls; }), "urls") << urls;
    EXPECT_EQ(refused_field([](Options& o) { o.urls = nullptr; }), "urls");
    EXPECT_EQ(refused_field([](Options& o) { o.proxy = "ws://a"; }), "proxy");
    EXPECT_EQ(refused_field([](Options& o) { o.proxy = "proxy:3128"; }), "proxy");
    EXPECT_EQ(refused_field([](Options& o) { o.subprotocols = "a;b"; }), "subprotocols");
    EXPECT_EQ(refused_field([](Options& o) { o.subprotocols = "a a"; }), "subprotocols");
    EXPECT_EQ(refused_field([](Options& o) { o.header_count = 1; }), "headers");
    static constexpr wsecho_header host{"Host", "a"};
    static constexpr wsecho_header no_value{"X", nullptr};
    for (const wsecho_header* const header : {&host, &no_value})
        EXPECT_EQ(refused_field([=](Options& o) {
                      o.headers = header;
                      o.header_count = 1;
                  }),
                  "headers");
    EXPECT_EQ(refused_field([](Options& o) { o.connect_timeout_ms = 0; }), "connect_timeout_ms");
    EXPECT_EQ(refused_field([](Options& o) { o.retry_first_ms = 0; }), "retry_first_ms");
    EXPECT_EQ(refused_field([](Options& o) { o.retry_first_ms = 30001; }), "retry_first_ms");
    EXPECT_EQ(refused_field([](Options& o) { o.retry_max_ms = 0; }), "retry_max_ms");
    EXPECT_EQ(refused_field([](Options& o) { o.retry_max_ms = UINT32_MAX; }), "retry_max_ms");
    EXPECT_EQ(refused_field([](Options& o) { o.connections = 0; }), "connections");
    EXPECT_EQ(refused_field([](Options& o) { o.connections = 65537; }), "connections");
    EXPECT_EQ(refused_field([](Options& o) { o.max_message_bytes = 0; }), "max_message_bytes");
    EXPECT_EQ(refused_field([](Options& o) { o.max_queued_bytes = 1; }), "max_queued_bytes");
    EXPECT_EQ(refused_field([](Options& o) { o.close_timeout_ms = 0; }), "close_timeout_ms");
    EXPECT_EQ(refused_field([](Options& o) { o.size = 8; }), "size");
    EXPECT_EQ(created([](Options& o) { o.version = 99; }), WSECHO_ERR_VERSION);
}

TEST(dialer_failures, refuses_callbacks_that_are_a_server_s) {
    TestServer host{TestServer::NotStarted{}, no_listener()};
    wsecho_dialer_options options = WSECHO_DIALER_OPTIONS_INIT;
    options.urls = "ws://a";
    wsecho_dialer* dialer = nullptr;
    wsecho_callbacks callbacks = WSECHO_CALLBACKS_INIT;
    callbacks.on_pass_end = [](wsecho_server*, std::uint32_t, void*) {};
    EXPECT_EQ(wsecho_dialer_create(&dialer, host.get(), &options, &callbacks, nullptr, nullptr),
              WSECHO_ERR_INVALID_OPTION);
    callbacks = WSECHO_CALLBACKS_INIT;
    callbacks.on_handshake = [](wsecho_server*, Id, const wsecho_handshake*, void*) {};
    EXPECT_EQ(wsecho_dialer_create(&dialer, host.get(), &options, &callbacks, nullptr, nullptr),
              WSECHO_ERR_INVALID_OPTION);
    callbacks.version = 77;
    EXPECT_EQ(wsecho_dialer_create(&dialer, host.get(), &options, &callbacks, nullptr, nullptr),
              WSECHO_ERR_VERSION);
}

TEST(dialer_failures, refuses_what_is_null_or_out_of_order) {
    TestServer host{TestServer::NotStarted{}, no_listener()};
    wsecho_dialer_options options = WSECHO_DIALER_OPTIONS_INIT;
    options.urls = "ws://a";
    wsecho_dialer* dialer = nullptr;
    EXPECT_EQ(wsecho_dialer_create(nullptr, host.get(), &options, nullptr, nullptr, nullptr),
              WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_dialer_create(&dialer, nullptr, &options, nullptr, nullptr, nullptr),
              WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_dialer_create(&dialer, host.get(), nullptr, nullptr, nullptr, nullptr),
              WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_dialer_start(nullptr), WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_dialer_stop(nullptr), WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_dialer_destroy(nullptr), WSECHO_OK);
    EXPECT_EQ(wsecho_dialer_get_state(nullptr), WSECHO_DIALER_IDLE);
    EXPECT_EQ(wsecho_dialer_connection(nullptr, 0), 0U);
    EXPECT_EQ(wsecho_dialer_remember(nullptr, "a", WSECHO_TEXT, "", 0),
              WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_dialer_forget(nullptr, "a"), WSECHO_ERR_INVALID_ARGUMENT);

    ASSERT_EQ(wsecho_dialer_create(&dialer, host.get(), &options, nullptr, nullptr, nullptr),
              WSECHO_OK);
    EXPECT_EQ(wsecho_dialer_start(dialer), WSECHO_ERR_WRONG_STATE) << "the server does not run";
    EXPECT_EQ(wsecho_dialer_stop(dialer), WSECHO_OK);
    const std::string long_key(256, 'k');
    for (const char* const key : {static_cast<const char*>(nullptr), "", long_key.c_str()}) {
        EXPECT_EQ(wsecho_dialer_remember(dialer, key, WSECHO_TEXT, "x", 1),
                  WSECHO_ERR_INVALID_ARGUMENT);
        EXPECT_EQ(wsecho_dialer_forget(dialer, key), WSECHO_ERR_INVALID_ARGUMENT);
    }
    EXPECT_EQ(wsecho_dialer_remember(dialer, "a", 9, "x", 1), WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_dialer_remember(dialer, "a", WSECHO_TEXT, nullptr, 1),
              WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(host.destroy(), WSECHO_OK) << "and the dialer with it";
}

}  // namespace
}  // namespace wsecho::test
