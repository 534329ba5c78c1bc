// wss: endpoints. Who shows no certificate for the host, by whom it trusts, is not talked to.
#include <gtest/gtest.h>

#include "support/identity.h"
#include "support/raw_server.h"
#include "support/test_dialer.h"
#include "support/test_server.h"
#include "support/waiting.h"

namespace wsecho::test {
namespace {

wsecho_dialer_options trusting(const std::string& authority_file) {
    auto options = dialer_options();
    options.tls_ca_file = authority_file.c_str();
    return options;
}

// The change that comes of an endpoint which is `shown`, to a dialer that trusts `trusted`.
DialChange change_with(const Identity& trusted, const Identity& shown, const std::string& host) {
    const std::string authority = trusted.authority_file();
    RawServer endpoint;
    TestServer on{no_listener()};
    TestDialer dialer{on, endpoint.secure_url(host), trusting(authority)};
    auto peer = endpoint.accept();
    EXPECT_FALSE(peer.secure(shown));
    return dialer.await_change(WSECHO_DIALER_DISCONNECTED);
}

TEST(dialer_tls, talks_to_who_shows_a_certificate_for_the_host) {
    const Identity identity;
    const std::string authority = identity.authority_file();
    for (const char* const host : {"localhost", "127.0.0.1"}) {
        RawServer endpoint;
        TestServer on{no_listener()};
        TestDialer dialer{on, endpoint.secure_url(host), trusting(authority)};
        auto peer = endpoint.accept();
        // A name may have an address that nobody listens at; the next one is tried then.
        ASSERT_TRUE(peer.secure(identity));
        EXPECT_EQ(header_of(peer.shake_hands(), "Host"),
                  std::string{host} + ":" + std::to_string(endpoint.port()));
        dialer.await_change(WSECHO_DIALER_CONNECTED);
        for (const std::size_t size : {0U, 1U, 100U, 20000U, 1000000U}) {
            const std::string payload(size, 'x');
            EXPECT_EQ(dialer.send_text(payload), WSECHO_OK);
            EXPECT_EQ(peer.read_text(), payload);
        }
        peer.send_text(std::string(1000000, 'y'));
        EXPECT_EQ(dialer.await_message().payload, std::string(1000000, 'y'));
        dialer.stop();
        EXPECT_EQ(peer.read_frame().close_code(), 1001U);
        peer.send(frame(close, "\x03\xE9", {.masked = false}));
        peer.read_to_end();
        peer.hang_up();
        dialer.await_change(WSECHO_DIALER_IDLE);
    }
}

TEST(dialer_tls, takes_messages_that_come_with_the_answer_and_in_one_record) {
    const Identity identity;
    const std::string authority = identity.authority_file();
    RawServer endpoint;
    TestServer on{no_listener()};
    TestDialer dialer{on, endpoint.secure_url(), trusting(authority)};
    auto peer = endpoint.accept();
    ASSERT_TRUE(peer.secure(identity));
    peer.send(acceptance_of(peer.read_request()) + frame(text, "one", {.masked = false}) +
              frame(text, "two", {.masked = false}));
    EXPECT_EQ(dialer.await_message(0).payload, "one");
    EXPECT_EQ(dialer.await_message(1).payload, "two");
}

TEST(dialer_tls, loses_nothing_where_reading_is_paused) {
    const Identity identity;
    const std::string authority = identity.authority_file();
    RawServer endpoint;
    TestServer on{no_listener()};
    TestDialer dialer{
        on, endpoint.secure_url(), trusting(authority), {.on_open = [&](auto&, Id id) {
            wsecho_connection_pause_reading(on.get(), id);
        }}};
    auto peer = endpoint.accept();
    ASSERT_TRUE(peer.secure(identity));
    std::string answer = acceptance_of(peer.read_request());
    for (int i = 0; i < 5; ++i)
        answer += frame(text, std::string(50000, static_cast<char>('0' + i)), {.masked = false});
    peer.send(answer);
    peer.send_text("the last");
    const auto id = dialer.await_change(WSECHO_DIALER_CONNECTED).connection;
    EXPECT_EQ(on.send_text(id, "sent meanwhile"), WSECHO_OK);
    EXPECT_EQ(peer.read_text(), "sent meanwhile");
    EXPECT_TRUE(dialer.record().messages.empty());
    EXPECT_EQ(wsecho_connection_resume_reading(on.get(), id), WSECHO_OK);
    for (std::size_t i = 0; i < 5; ++i)
        EXPECT_EQ(dialer.await_message(i).payload, std::string(50000, static_cast<char>('0' + i)));
    EXPECT_EQ(dialer.await_message(5).payload, "the last");
}

TEST(dialer_tls, gets_what_goes_to_many_in_its_order) {
    const Identity identity;
    const std::string authority = identity.authority_file();
    RawServer endpoint;
    TestServer on{no_listener()};
    TestDialer dialer{on, endpoint.secure_url(), trusting(authority)};
    auto peer = endpoint.accept();
    ASSERT_TRUE(peer.secure(identity));
    peer.shake_hands();
    dialer.await_change(WSECHO_DIALER_CONNECTED);
    for (int i = 0; i < 100; ++i) {
        on.broadcast_text("to all " + std::to_string(i));
        dialer.send_text("alone " + std::to_string(i));
    }
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(peer.read_text(), "to all " + std::to_string(i));
        EXPECT_EQ(peer.read_text(), "alone " + std::to_string(i));
    }
}

TEST(dialer_tls, gives_up_on_a_certificate_of_whom_it_does_not_trust) {
    const Identity identity;
    const Identity other;
    const auto change = change_with(other, identity, "localhost");
    EXPECT_EQ(change.failure, WSECHO_DIAL_CERTIFICATE);
    EXPECT_TRUE(change.has_given_up);
    EXPECT_NE(change.detail.find("certificate: "), std::string::npos) << change.detail;
}

TEST(dialer_tls, gives_up_on_a_certificate_for_another_host) {
    const Identity of_another{"DNS:another.example,IP:192.0.2.1"};
    for (const char* const host : {"localhost", "127.0.0.1"}) {
        const auto change = change_with(of_another, of_another, host);
        EXPECT_EQ(change.failure, WSECHO_DIAL_CERTIFICATE) << change.detail;
        EXPECT_TRUE(change.has_given_up);
    }
}

TEST(dialer_tls, gives_up_on_a_certificate_whose_time_is_over) {
    const Identity expired{"DNS:localhost", -3600};
    const auto change = change_with(expired, expired, "localhost");
    EXPECT_EQ(change.failure, WSECHO_DIAL_CERTIFICATE);
    EXPECT_NE(change.detail.find("expired"), std::string::npos) << change.detail;
}

TEST(dialer_tls, trusts_whom_the_system_does_unless_it_is_told_otherwise) {
    const Identity unknown;
    RawServer endpoint;
    TestServer on{no_listener()};
    TestDialer dialer{on, endpoint.secure_url(), dialer_options()};
    EXPECT_FALSE(endpoint.accept().secure(unknown));
    EXPECT_EQ(dialer.await_change(WSECHO_DIALER_DISCONNECTED).failure, WSECHO_DIAL_CERTIFICATE);
}

TEST(dialer_tls, takes_any_certificate_where_nobody_verifies_it) {
    const Identity unknown{"DNS:another.example"};
    auto options = dialer_options();
    options.tls_verify = 0;
    RawServer endpoint;
    TestServer on{no_listener()};
    TestDialer dialer{on, endpoint.secure_url(), options};
    auto peer = endpoint.accept();
    ASSERT_TRUE(peer.secure(unknown));
    peer.shake_hands();
    dialer.await_change(WSECHO_DIALER_CONNECTED);
}

TEST(dialer_tls, tries_again_where_the_endpoint_speaks_no_tls) {
    for (const char* const answer : {"HTTP/1.1 400 Bad Request\r\n\r\n", ""}) {
        RawServer endpoint;
        TestServer on{no_listener()};
        TestDialer dialer{on, endpoint.secure_url()};
        endpoint.accept().send(answer);
        const auto change = dialer.await_change(WSECHO_DIALER_DISCONNECTED);
        EXPECT_EQ(change.failure, WSECHO_DIAL_TLS) << change.detail;
        EXPECT_FALSE(change.has_given_up);
        EXPECT_NE(change.detail, "");
    }
}

TEST(dialer_tls, ends_a_session_that_somebody_has_written_into) {
    const Identity identity;
    const std::string authority = identity.authority_file();
    RawServer endpoint;
    TestServer on{no_listener()};
    TestDialer dialer{on, endpoint.secure_url(), trusting(authority)};
    auto peer = endpoint.accept();
    ASSERT_TRUE(peer.secure(identity));
    peer.shake_hands();
    dialer.await_change(WSECHO_DIALER_CONNECTED);
    peer.send_unsealed(std::string{"\x17\x03\x03\x00\x20", 5} + std::string(32, 'x'));
    EXPECT_EQ(dialer.await_close().cause, WSECHO_CLOSE_TLS);
    EXPECT_EQ(dialer.await_close().code, 1006U);
    EXPECT_EQ(dialer.await_change(WSECHO_DIALER_DISCONNECTED).failure, WSECHO_DIAL_LOST);
}

TEST(dialer_tls, goes_through_a_proxy_s_tunnel) {
    const Identity identity{"DNS:only.the.proxy.knows.invalid"};
    const std::string authority = identity.authority_file();
    RawServer proxy;
    const std::string proxy_url = "http://127.0.0.1:" + std::to_string(proxy.port());
    auto options = trusting(authority);
    options.proxy = proxy_url.c_str();
    TestServer on{no_listener()};
    TestDialer dialer{on, "wss://only.the.proxy.knows.invalid/", options};
    auto tunnel = proxy.accept();
    EXPECT_TRUE(tunnel.read_request().starts_with("CONNECT only.the.proxy.knows.invalid:443 "));
    tunnel.send("HTTP/1.1 200 OK\r\n\r\n");
    ASSERT_TRUE(tunnel.secure(identity));
    tunnel.shake_hands();
    dialer.await_change(WSECHO_DIALER_CONNECTED);
    dialer.send_text("sealed");
    EXPECT_EQ(tunnel.read_text(), "sealed");
}

TEST(dialer_tls, names_a_file_of_certificates_that_is_none) {
    TestServer on{no_listener()};
    try {
        const TestDialer dialer{on, "wss://localhost/", trusting("/nowhere.pem")};
        FAIL() << "it was made";
    } catch (const std::runtime_error& refused) {
        EXPECT_TRUE(std::string{refused.what()}.starts_with("tls_ca_file: ")) << refused.what();
    }
}

}  // namespace
}  // namespace wsecho::test
