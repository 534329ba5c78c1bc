// Where a server listens: ports, addresses, names and Unix sockets, and the errors of each.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <future>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/frames.h"
#include "support/process.h"
#include "support/raw_client.h"
#include "support/test_server.h"
#include "support/waiting.h"

namespace wsecho::test {
namespace {

namespace fs = std::filesystem;

wsecho_server_options on(const char* host, int port = 0) {
    auto options = default_options();
    options.host = host;
    options.port = port;
    return options;
}

// The path must outlive the options.
wsecho_server_options on_unix(std::string&& path) = delete;
wsecho_server_options on_unix(const std::string& path) {
    auto options = default_options();
    options.port = -1;
    options.unix_path = path.c_str();
    return options;
}

void expect_echo(RawClient client) {
    client.shake_hands();
    client.send_text("hello");
    EXPECT_EQ(client.read_text(), "hello");
}

// Starts in vain: the error, with nothing left behind.
int failed_start(const wsecho_server_options& options) {
    use_library_once();
    const auto descriptors = open_descriptors();
    const auto threads = running_threads();
    TestServer server{TestServer::NotStarted{}, options};
    const int result = server.start();
    EXPECT_NE(result, WSECHO_OK);
    EXPECT_STRNE(wsecho_error_detail(), "");
    EXPECT_EQ(server.port(), -1);
    // A server of this process may be about to hang up on one that looked whether it is there.
    eventually("as many descriptors as before", [&] { return open_descriptors() == descriptors; });
    EXPECT_EQ(running_threads(), threads);
    return result;
}

TEST(listen, port_0_is_any_free_port_and_it_is_told) {
    TestServer server{TestServer::NotStarted{}, default_options(), {.on_message = echo}};
    EXPECT_EQ(server.port(), -1) << "none before the start";
    ASSERT_EQ(server.start(), WSECHO_OK);
    EXPECT_GT(server.port(), 0);
    expect_echo(RawClient::tcp(server.port()));
    server.stop();
    EXPECT_EQ(server.port(), -1) << "none after the stop";
}

TEST(listen, a_port_in_use_is_an_error_and_nothing_is_left_behind) {
    TestServer first{default_options(), {.on_message = echo}};
    const auto options = on("127.0.0.1", first.port());
    EXPECT_EQ(failed_start(options), WSECHO_ERR_ADDRESS_IN_USE);
    EXPECT_NE(std::string{wsecho_error_detail()}.find(std::to_string(first.port())),
              std::string::npos);
    expect_echo(RawClient::tcp(first.port()));
}

TEST(listen, loops_that_share_a_port_do_not_let_another_server_in) {
    auto options = default_options();
    options.threads = 3;
    TestServer first{options};
    options.port = first.port();
    EXPECT_EQ(failed_start(options), WSECHO_ERR_ADDRESS_IN_USE);
    options.threads = 1;
    EXPECT_EQ(failed_start(options), WSECHO_ERR_ADDRESS_IN_USE);
}

TEST(listen, servers_that_both_want_it_share_a_port) {
    auto options = default_options();
    options.share_port = 1;
    TestServer first{options};
    options.port = first.port();
    TestServer second{options};
    EXPECT_EQ(first.port(), second.port());
    for (int i = 0; i < 60; ++i)
        open_client(first);
    first.stop();
    second.stop();
    EXPECT_GT(first.statistics().connections_total, 0U);
    EXPECT_GT(second.statistics().connections_total, 0U);
}

TEST(listen, a_start_that_failed_may_be_tried_again) {
    auto first = std::make_unique<TestServer>();
    TestServer second{
        TestServer::NotStarted{}, on("127.0.0.1", first->port()), {.on_message = echo}};
    EXPECT_EQ(second.start(), WSECHO_ERR_ADDRESS_IN_USE);
    EXPECT_EQ(second.start(), WSECHO_ERR_ADDRESS_IN_USE);
    first.reset();
    EXPECT_EQ(second.start(), WSECHO_OK);
    expect_echo(RawClient::tcp(second.port()));
}

TEST(listen, a_port_is_free_again_after_the_stop) {
    auto options = default_options();
    options.close_timeout_ms = 50;
    TestServer first{options, {.on_message = echo}};
    auto client = open_client(first);
    const int port = first.port();
    first.stop();
    TestServer second{on("127.0.0.1", port), {.on_message = echo}};
    EXPECT_EQ(second.port(), port);
    expect_echo(RawClient::tcp(port));
}

TEST(listen, ipv6_is_served_and_its_peers_address_is_bracketed) {
    TestServer server{on("::1"), {.on_message = echo}};
    auto client = RawClient::tcp(server.port(), "::1");
    client.shake_hands();
    std::array<char, 64> address{};
    EXPECT_EQ(wsecho_connection_remote_address(server.get(), server.await_open(), address.data(),
                                               address.size(), nullptr),
              WSECHO_OK);
    EXPECT_EQ(address.data(), client.local_address());
    EXPECT_EQ(address[0], '[');
}

TEST(listen, an_empty_host_is_every_address_on_one_port) {
    auto options = on("");
    options.threads = 2;
    TestServer server{options, {.on_message = echo}};
    expect_echo(RawClient::tcp(server.port(), "127.0.0.1"));
    expect_echo(RawClient::tcp(server.port(), "127.0.0.2"));
    expect_echo(RawClient::tcp(server.port(), "::1"));
}

// Sockets on ports of ::1 alone: free for IPv4, and so likely to be chosen there first.
std::vector<int> take_ports_of_ipv6(std::size_t count) {
    std::vector<int> taken;
    for (std::size_t i = 0; i < count; ++i) {
        sockaddr_in6 address{};
        address.sin6_family = AF_INET6;
        address.sin6_addr = in6addr_loopback;
        const int descriptor = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
            throw std::runtime_error("no port of ::1 is free");
        taken.push_back(descriptor);
    }
    return taken;
}

TEST(listen, any_free_port_is_one_that_is_free_at_every_address) {
    const SoftDescriptorLimit room{4000};
    const auto taken = take_ports_of_ipv6(2500);
    for (int i = 0; i < 50; ++i) {
        TestServer server{TestServer::NotStarted{}, on("")};
        ASSERT_EQ(server.start(), WSECHO_OK) << wsecho_error_detail();
    }
    for (const int descriptor : taken)
        ::close(descriptor);
}

TEST(listen, two_that_start_at_once_never_both_get_the_port) {
    auto options = default_options();
    options.threads = 2;
    options.port = TestServer{}.port();  // free again
    for (int i = 0; i < 50; ++i) {
        TestServer first{TestServer::NotStarted{}, options};
        TestServer second{TestServer::NotStarted{}, options};
        auto other = std::async(std::launch::async, [&] { return second.start(); });
        const int results[] = {first.start(), other.get()};
        // Both may see the other in time; that the worse of them started would be the fault.
        ASSERT_EQ(std::min(results[0], results[1]), WSECHO_ERR_ADDRESS_IN_USE) << "round " << i;
    }
}

TEST(listen, a_name_is_resolved) {
    TestServer server{on("localhost"), {.on_message = echo}};
    expect_echo(RawClient::tcp(server.port(), "127.0.0.1"));
}

TEST(listen, a_host_that_does_not_resolve_is_unavailable) {
    EXPECT_EQ(failed_start(on("not a host name")), WSECHO_ERR_ADDRESS_UNAVAILABLE);
    EXPECT_NE(std::string{wsecho_error_detail()}.find("not a host name"), std::string::npos);
}

TEST(listen, an_address_of_another_machine_is_unavailable) {
    EXPECT_EQ(failed_start(on("203.0.113.7")), WSECHO_ERR_ADDRESS_UNAVAILABLE);
}

TEST(unix_socket, it_is_served_alone_and_its_file_is_removed_at_the_stop) {
    const TemporaryFolder folder;
    const auto path = folder.file("socket");
    TestServer server{on_unix(path), {.on_message = echo}};
    EXPECT_EQ(server.port(), -1);
    auto client = RawClient::unix_socket(path);
    client.shake_hands();
    std::array<char, 64> address{};
    wsecho_connection_remote_address(server.get(), server.await_open(), address.data(),
                                     address.size(), nullptr);
    EXPECT_STREQ(address.data(), "unix");
    client.send_text("hello");
    EXPECT_EQ(client.read_text(), "hello");
    client.hang_up();
    server.stop();
    EXPECT_FALSE(fs::exists(path));
}

TEST(unix_socket, it_is_served_beside_tcp_by_several_loops) {
    const TemporaryFolder folder;
    const auto path = folder.file("socket");
    auto options = on_unix(path);
    options.port = 0;
    options.threads = 3;
    TestServer server{options, {.on_message = echo}};
    for (int i = 0; i < 20; ++i) {
        expect_echo(RawClient::unix_socket(path));
        expect_echo(RawClient::tcp(server.port()));
    }
}

// What a server leaves that ended without a stop: a file that nobody listens behind.
void leave_socket_file(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM, 0);
    ASSERT_EQ(::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ::close(descriptor);
}

TEST(unix_socket, a_file_left_behind_is_replaced) {
    const TemporaryFolder folder;
    const auto path = folder.file("socket");
    leave_socket_file(path);
    TestServer server{on_unix(path), {.on_message = echo}};
    expect_echo(RawClient::unix_socket(path));
}

TEST(unix_socket, one_that_is_in_use_is_left_alone) {
    const TemporaryFolder folder;
    const auto path = folder.file("socket");
    TestServer first{on_unix(path), {.on_message = echo}};
    EXPECT_EQ(failed_start(on_unix(path)), WSECHO_ERR_ADDRESS_IN_USE);
    expect_echo(RawClient::unix_socket(path));
}

TEST(unix_socket, a_regular_file_is_not_deleted) {
    const TemporaryFolder folder;
    const auto path = folder.file("precious");
    std::ofstream{path} << "do not lose me";
    EXPECT_EQ(failed_start(on_unix(path)), WSECHO_ERR_ADDRESS_IN_USE);
    std::string words;
    std::getline(std::ifstream{path}, words);
    EXPECT_EQ(words, "do not lose me");
}

TEST(unix_socket, a_busy_owner_that_does_not_accept_does_not_block_the_start) {
    const TemporaryFolder folder;
    const auto path = folder.file("socket");
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    const auto* generic = reinterpret_cast<const sockaddr*>(&address);
    const int owner = ::socket(AF_UNIX, SOCK_STREAM, 0);
    ASSERT_EQ(::bind(owner, generic, sizeof address), 0);
    ASSERT_EQ(::listen(owner, 0), 0);
    const int waiting = ::socket(AF_UNIX, SOCK_STREAM, 0);  // fills its backlog
    ASSERT_EQ(::connect(waiting, generic, sizeof address), 0);

    TestServer server{TestServer::NotStarted{}, on_unix(path)};
    auto start = std::async(std::launch::async, [&] { return server.start(); });
    const bool in_time = start.wait_for(std::chrono::seconds{2}) == std::future_status::ready;
    EXPECT_TRUE(in_time) << "start() waits for the owner of the socket to accept";
    ::close(waiting);
    ::close(owner);  // lets a start that waits go on
    if (in_time) {
        EXPECT_EQ(start.get(), WSECHO_ERR_ADDRESS_IN_USE);
    }
}

TEST(unix_socket, a_path_that_cannot_be_leaves_no_tcp_port_behind) {
    const TemporaryFolder folder;
    const auto missing = folder.file("missing/socket");
    auto options = on_unix(missing);
    EXPECT_EQ(failed_start(options), WSECHO_ERR_ADDRESS_UNAVAILABLE);
    options.port = 0;
    EXPECT_EQ(failed_start(options), WSECHO_ERR_ADDRESS_UNAVAILABLE);
    const std::string long_path = folder.file(std::string(200, 's'));
    EXPECT_EQ(failed_start(on_unix(long_path)), WSECHO_ERR_ADDRESS_UNAVAILABLE);
}

TEST(unix_socket, a_folder_that_may_not_be_written_is_a_matter_of_permission) {
    const TemporaryFolder folder;
    const auto path = folder.file("socket");
    ASSERT_EQ(::chmod(folder.path().c_str(), 0500), 0);
    // In a process of its own, since root may write anywhere and there is no way back.
    const auto start_as_nobody = [&] {
        constexpr uid_t nobody = 65534;
        if (::geteuid() == 0 && ::setuid(nobody) != 0) ::_exit(1);
        TestServer server{TestServer::NotStarted{}, on_unix(path)};
        ::_exit(server.start() == WSECHO_ERR_PERMISSION ? 0 : 2);
    };
    EXPECT_EXIT(start_as_nobody(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace wsecho::test
