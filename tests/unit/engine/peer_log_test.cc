// What a peer can have logged, as the observer gets it.
#include "engine/peer_log.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wsecho::engine {
namespace {

using namespace std::chrono_literals;
using Kind = PeerLog::Kind;
using runtime::TimePoint;

constexpr TimePoint start{1h};

// Keeps the lines of the log; nothing else comes.
struct Reader final : Observer {
    [[nodiscard]] bool answers_handshakes() const noexcept override { return false; }
    bool on_handshake(ConnectionId, const protocol::RequestHead&, const std::string&) override {
        return true;
    }
    bool on_open(ConnectionId) override { return true; }
    bool on_message(ConnectionId, bool, std::span<const std::uint8_t>) override { return true; }
    bool on_heartbeat(ConnectionId, runtime::Duration) override { return true; }
    bool on_watermark(ConnectionId, bool, std::size_t) override { return true; }
    bool on_close(ConnectionId, const CloseReport&) override { return true; }
    void on_pass_end(unsigned) noexcept override {}
    void log(LogLevel level, std::string_view text) override {
        EXPECT_EQ(level, LogLevel::warning);
        lines.emplace_back(text);
    }
    std::vector<std::string> lines;
};

void write(PeerLog& log, Kind kind, unsigned times, TimePoint now) {
    for (unsigned i = 0; i < times; ++i)
        log.write(kind, "a line", now);
}

TEST(peer_log, a_few_lines_of_a_kind_are_logged_and_the_others_counted) {
    Reader reader;
    PeerLog log{reader};
    write(log, Kind::dropped_connection, 1000, start);
    EXPECT_EQ(reader.lines, std::vector<std::string>(PeerLog::max_lines, "a line"));
    EXPECT_EQ(log.due(), start + PeerLog::interval);
    log.tell_suppressed(log.due());
    EXPECT_EQ(
        reader.lines.back(),
        "995 more connections dropped for want of file descriptors were not logged one by one");
    EXPECT_EQ(log.due(), TimePoint::max());
}

TEST(peer_log, a_flood_of_one_kind_hides_no_line_of_another) {
    Reader reader;
    PeerLog log{reader};
    write(log, Kind::dropped_connection, 1000, start);
    log.write(Kind::wrong_host, "another line", start);
    EXPECT_EQ(reader.lines.back(), "another line");
}

TEST(peer_log, a_line_behind_the_interval_comes_after_what_was_suppressed_in_it) {
    Reader reader;
    PeerLog log{reader};
    write(log, Kind::accept_pause, PeerLog::max_lines + 1, start);
    log.write(Kind::accept_pause, "the next", start + PeerLog::interval);
    ASSERT_EQ(reader.lines.size(), PeerLog::max_lines + 2);
    EXPECT_EQ(reader.lines[PeerLog::max_lines],
              "1 more pauses of accepting were not logged one by one");
    EXPECT_EQ(reader.lines.back(), "the next");
}

}  // namespace
}  // namespace wsecho::engine
