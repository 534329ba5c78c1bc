// A process with too few descriptors: told so at the start, and served on when it runs out later.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "support/frames.h"
#include "support/process.h"
#include "support/raw_client.h"
#include "support/test_server.h"
#include "support/waiting.h"

namespace wsecho::test {
namespace {

using namespace std::chrono_literals;

wsecho_server_options for_connections(std::uint32_t count) {
    auto options = default_options();
    options.max_connections = count;
    return options;
}

// Descriptors that nobody else can have: all that the process may still open, or the first of them.
class TakenDescriptors {
  public:
    explicit TakenDescriptors(std::size_t most = std::numeric_limits<std::size_t>::max()) {
        for (int next = 0;
             taken_.size() < most && (next = ::open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0;)
            taken_.push_back(next);
    }
    TakenDescriptors(const TakenDescriptors&) = delete;
    TakenDescriptors& operator=(const TakenDescriptors&) = delete;
    ~TakenDescriptors() {
        for (const int descriptor : taken_)
            ::close(descriptor);
    }

  private:
    std::vector<int> taken_;
};

TEST(descriptor_limit, one_too_low_for_max_connections_names_what_is_needed) {
    use_library_once();
    const SoftDescriptorLimit limit{500};
    const auto descriptors = open_descriptors();
    TestServer server{TestServer::NotStarted{}, for_connections(1000)};
    EXPECT_EQ(server.start(), WSECHO_ERR_DESCRIPTOR_LIMIT);
    const std::string detail = wsecho_error_detail();
    EXPECT_NE(detail.find("1000"), std::string::npos) << detail;
    EXPECT_NE(detail.find("limit is 500"), std::string::npos) << detail;
    EXPECT_NE(detail.find("ulimit -n "), std::string::npos) << detail;
    EXPECT_EQ(open_descriptors(), descriptors);

    // What it says is true: with that limit it starts.
    const auto needed = std::stoul(detail.substr(detail.find("ulimit -n ") + 10));
    EXPECT_GT(needed, 1000U);
    const SoftDescriptorLimit raised{needed};
    EXPECT_EQ(server.start(), WSECHO_OK);
}

TEST(descriptor_limit, by_default_as_many_connections_are_let_in_as_it_has_room_for) {
    const SoftDescriptorLimit limit{100};
    TestServer server;
    std::vector<RawClient> clients;
    int status = 101;
    // Each takes two here, one at either end.
    while (status == 101 && clients.size() < 100) {
        SoftDescriptorLimit for_the_client{1000};
        clients.push_back(RawClient::tcp(server.port()));
        clients.back().send(upgrade_request());
        status = clients.back().read_response().status;
    }
    EXPECT_EQ(status, 503);
    EXPECT_GT(clients.size(), 10U);
    EXPECT_LT(clients.size(), 90U);
}

// A server that is open to one connection, and has no descriptor left for more.
class Exhausted : public testing::Test {
  protected:
    explicit Exhausted(const wsecho_server_options& options = with_heartbeat())
        : server_{options, {.on_message = echo}} {}

    void SetUp() override { ASSERT_EQ(echo_of("before"), "before"); }

    // How much CPU time the process uses in the time of ten heartbeats, about half a second.
    std::chrono::nanoseconds cpu_time_of_ten_heartbeats() {
        const auto before = cpu_time();
        for (int i = 0; i < 10; ++i) {
            const Frame asked = client_.read_frame();
            EXPECT_EQ(asked.opcode, ping);
            client_.send(frame(pong, asked.payload));
        }
        return cpu_time() - before;
    }

    static wsecho_server_options with_heartbeat() {
        auto options = default_options();
        options.heartbeat_interval_ms = 50;
        options.heartbeat_timeout_ms = 40;
        return options;
    }

    std::string echo_of(const std::string& payload) {
        client_.send_text(payload);
        Frame next = client_.read_frame();
        for (; next.opcode == ping; next = client_.read_frame())
            client_.send(frame(pong, next.payload));
        return next.payload;
    }

    // poll() takes no more descriptors than the limit allows numbers.
    static constexpr std::size_t low_numbers = 20;

    SoftDescriptorLimit limit_{200};
    TakenDescriptors low_{low_numbers};
    TestServer server_;
    RawClient client_ = open_client(server_);
};

TEST_F(Exhausted, newcomers_are_dropped_and_those_who_are_in_are_served) {
    std::vector<RawClient> newcomers;
    newcomers.reserve(20);
    for (int i = 0; i < 20; ++i)
        newcomers.push_back(RawClient::unconnected());
    auto taken = std::make_unique<TakenDescriptors>();
    for (auto& newcomer : newcomers) {
        newcomer.connect_to(server_.port());
        newcomer.read_to_end();
    }
    EXPECT_EQ(echo_of("served"), "served");
    EXPECT_EQ(server_.statistics().refusals[WSECHO_REFUSED_LIMIT], 20U);

    taken.reset();
    auto late = open_client(server_);
    late.send_text("room again");
    EXPECT_EQ(late.read_text(), "room again");
}

// Nobody is closed by a clock.
class ExhaustedByPatience : public Exhausted {
  protected:
    ExhaustedByPatience() : Exhausted(patient_options()) {}

    static wsecho_server_options patient_options() {
        auto options = default_options();
        options.heartbeat_interval_ms = 0;
        options.handshake_timeout_ms = 600'000;
        return options;
    }
};

TEST_F(ExhaustedByPatience, those_without_a_request_give_way_to_newcomers_the_oldest_first) {
    std::vector<RawClient> silent;
    std::vector<RawClient> newcomers;
    for (int i = 0; i < 10; ++i) {
        silent.push_back(RawClient::tcp(server_.port()));
        newcomers.push_back(RawClient::unconnected());
    }
    EXPECT_EQ(echo_of("all are accepted"), "all are accepted");
    const TakenDescriptors taken;
    for (std::size_t i = 0; i < newcomers.size(); ++i) {
        newcomers[i].connect_to(server_.port());
        newcomers[i].shake_hands();
        EXPECT_EQ(silent[i].read_response().status, 503);
        silent[i].read_to_end();
        for (std::size_t younger = i + 1; younger < silent.size(); ++younger)
            EXPECT_TRUE(silent[younger].is_silent());
    }
    for (auto& newcomer : newcomers) {
        newcomer.send_text("in");
        EXPECT_EQ(newcomer.read_text(), "in");
    }
    EXPECT_EQ(echo_of("served"), "served");
    EXPECT_EQ(server_.statistics().refusals[WSECHO_REFUSED_LIMIT], 10U);
}

TEST_F(Exhausted, a_connection_that_cannot_even_be_dropped_waits_without_making_the_loop_spin) {
    auto newcomer = RawClient::unconnected();
    const auto usual = cpu_time_of_ten_heartbeats();
    {
        // Below the server's numbers: not even a descriptor that is closed can be opened again.
        const SoftDescriptorLimit none{low_numbers};
        newcomer.connect_to(server_.port());
        newcomer.send(upgrade_request());
        EXPECT_LT(cpu_time_of_ten_heartbeats(), usual + 150ms);
        EXPECT_EQ(echo_of("served"), "served");
    }
    // With room again it is let in, or told, but not left waiting.
    newcomer.read_response();
    auto late = open_client(server_);
    late.send_text("room again");
    EXPECT_EQ(late.read_text(), "room again");
}

}  // namespace
}  // namespace wsecho::test
