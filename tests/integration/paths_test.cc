// Several paths on one server, each with its own callbacks and limits.
#include <gtest/gtest.h>

#include <string>

#include "support/raw_client.h"
#include "support/test_server.h"
#include "support/waiting.h"

namespace wsecho::test {
namespace {

// Of a path: answers with its user, a text.
wsecho_callbacks answering() {
    wsecho_callbacks callbacks = WSECHO_CALLBACKS_INIT;
    callbacks.on_message = [](wsecho_server* server, Id id, int, const void*, std::size_t,
                              void* user) {
        const std::string_view name = static_cast<const char*>(user);
        wsecho_connection_send(server, id, WSECHO_TEXT, name.data(), name.size());
    };
    return callbacks;
}

void add(const TestServer& server, const char* path, const char* name,
         const wsecho_path_options& options = WSECHO_PATH_OPTIONS_INIT) {
    const auto callbacks = answering();
    ASSERT_EQ(
        wsecho_server_add_path(server.get(), path, &options, &callbacks, const_cast<char*>(name)),
        WSECHO_OK)
        << wsecho_error_detail();
}

int add_error(const TestServer& server, const char* path,
              const wsecho_path_options& options = WSECHO_PATH_OPTIONS_INIT) {
    return wsecho_server_add_path(server.get(), path, &options, nullptr, nullptr);
}

std::string answer_at(const TestServer& server, const char* target) {
    auto client = open_client(server, target);
    client.send_text("who?");
    return client.read_text();
}

int status_at(const TestServer& server, const char* target, std::string_view headers = {}) {
    auto client = RawClient::tcp(server.port());
    client.send(upgrade_request(target, headers));
    return client.read_response().status;
}

TEST(paths, each_has_its_own_callbacks) {
    Callbacks callbacks;
    callbacks.on_message = [](TestServer& self, const Message& message) {
        self.send_text(message.id, "the server");
    };
    TestServer server{TestServer::NotStarted{}, default_options(), callbacks};
    add(server, "/chat", "chat");
    add(server, "/rooms/*", "rooms");
    ASSERT_EQ(server.start(), WSECHO_OK);
    EXPECT_EQ(answer_at(server, "/chat?room=1"), "chat");
    EXPECT_EQ(answer_at(server, "/rooms/1"), "rooms");
    EXPECT_EQ(answer_at(server, "/elsewhere"), "the server");
    EXPECT_EQ(server.record().opened.size(), 1U) << "the server's callbacks are of its own path";
}

TEST(paths, beside_the_one_of_the_options_others_get_404) {
    auto options = default_options();
    options.path = "/";
    TestServer server{TestServer::NotStarted{}, options};
    add(server, "/chat", "chat");
    ASSERT_EQ(server.start(), WSECHO_OK);
    EXPECT_EQ(status_at(server, "/"), 101);
    EXPECT_EQ(status_at(server, "/chat"), 101);
    EXPECT_EQ(status_at(server, "/other"), 404);
}

TEST(paths, each_has_its_own_limits_and_what_is_not_given_is_the_servers) {
    auto options = default_options();
    options.max_message_bytes = 100;
    options.origins = "*";
    TestServer server{TestServer::NotStarted{}, options};
    wsecho_path_options small = WSECHO_PATH_OPTIONS_INIT;
    small.max_message_bytes = 10;
    small.max_connections = 1;
    small.origins = "same";
    add(server, "/small", "small", small);
    add(server, "/plain", "plain");
    ASSERT_EQ(server.start(), WSECHO_OK);

    auto at_small = open_client(server, "/small");
    EXPECT_EQ(status_at(server, "/small"), 503);
    EXPECT_EQ(status_at(server, "/plain"), 101);
    at_small.send_text("eleven byte");
    EXPECT_EQ(at_small.take_close().close_code(), 1009U);
    eventually("its place to be free", [&] { return status_at(server, "/small") == 101; });

    auto at_plain = open_client(server, "/plain");
    at_plain.send_text("eleven byte");
    EXPECT_EQ(at_plain.read_text(), "plain");

    const std::string_view other = "Origin: https://example.com\r\n";
    EXPECT_EQ(status_at(server, "/small", other), 403);
    EXPECT_EQ(status_at(server, "/plain", other), 101);
}

TEST(paths, a_quiet_connection_of_an_impatient_path_is_closed) {
    TestServer server{TestServer::NotStarted{}, default_options()};
    wsecho_path_options impatient = WSECHO_PATH_OPTIONS_INIT;
    impatient.idle_timeout_ms = 50;
    add(server, "/impatient", "impatient", impatient);
    ASSERT_EQ(server.start(), WSECHO_OK);
    auto patient = open_client(server, "/");
    auto client = open_client(server, "/impatient");
    EXPECT_EQ(client.take_close().close_code(), 1001U);
    EXPECT_TRUE(patient.is_silent());
}

TEST(paths, a_broadcast_goes_to_all_of_them) {
    TestServer server{TestServer::NotStarted{}, default_options()};
    wsecho_path_options small = WSECHO_PATH_OPTIONS_INIT;
    small.max_queued_bytes = 256;
    add(server, "/a", "a", small);
    ASSERT_EQ(server.start(), WSECHO_OK);
    auto at_a = open_client(server, "/a");
    auto other = open_client(server, "/b");
    const std::string long_one(1000, 'l');
    EXPECT_EQ(server.broadcast_text(long_one), WSECHO_OK);
    EXPECT_EQ(server.broadcast_text("for all"), WSECHO_OK);
    EXPECT_EQ(other.read_text(), long_one);
    EXPECT_EQ(other.read_text(), "for all");
    EXPECT_EQ(at_a.read_text(), "for all") << "the long one is over its bound";
    EXPECT_EQ(server.statistics().messages_refused, 1U);
}

TEST(paths, what_is_wrong_is_refused_with_words) {
    TestServer server{TestServer::NotStarted{}, default_options()};
    EXPECT_EQ(wsecho_server_add_path(nullptr, "/", nullptr, nullptr, nullptr),
              WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(add_error(server, nullptr), WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(add_error(server, "chat"), WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(std::string{wsecho_error_detail()}.substr(0, 6), "path: ");

    wsecho_path_options options = WSECHO_PATH_OPTIONS_INIT;
    options.version = 99;
    EXPECT_EQ(add_error(server, "/a", options), WSECHO_ERR_VERSION);
    options = WSECHO_PATH_OPTIONS_INIT;
    options.size = 1;
    EXPECT_EQ(add_error(server, "/a", options), WSECHO_ERR_INVALID_OPTION);
    options = WSECHO_PATH_OPTIONS_INIT;
    options.origins = "nowhere";
    EXPECT_EQ(add_error(server, "/a", options), WSECHO_ERR_INVALID_OPTION);
    options = WSECHO_PATH_OPTIONS_INIT;
    options.close_timeout_ms = UINT64_MAX - 1;
    EXPECT_EQ(add_error(server, "/a", options), WSECHO_ERR_INVALID_OPTION);
    EXPECT_EQ(std::string{wsecho_error_detail()}.substr(0, 17), "close_timeout_ms:");
    wsecho_callbacks callbacks = WSECHO_CALLBACKS_INIT;
    callbacks.version = 99;
    EXPECT_EQ(wsecho_server_add_path(server.get(), "/a", nullptr, &callbacks, nullptr),
              WSECHO_ERR_VERSION);

    EXPECT_EQ(add_error(server, "/a"), WSECHO_OK);
    EXPECT_EQ(add_error(server, "/a"), WSECHO_ERR_INVALID_ARGUMENT);
    ASSERT_EQ(server.start(), WSECHO_OK);
    EXPECT_EQ(add_error(server, "/b"), WSECHO_ERR_WRONG_STATE);
}

}  // namespace
}  // namespace wsecho::test
