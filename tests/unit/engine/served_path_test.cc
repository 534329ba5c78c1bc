#include "engine/served_path.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wsecho::engine {
namespace {

struct Nobody final : Observer {
    bool answers_handshakes() const noexcept override { return false; }
    bool on_handshake(ConnectionId, const protocol::RequestHead&, const std::string&) override {
        return true;
    }
    bool on_open(ConnectionId) override { return true; }
    bool on_message(ConnectionId, bool, std::span<const std::uint8_t>) override { return true; }
    bool on_heartbeat(ConnectionId, runtime::Duration) override { return true; }
    bool on_watermark(ConnectionId, bool, std::size_t) override { return true; }
    bool on_close(ConnectionId, const CloseReport&) override { return true; }
    void on_pass_end(unsigned) noexcept override {}
    void log(LogLevel, std::string_view) override {}
};

// A table whose paths are told apart by a limit, the pattern's number.
struct Paths {
    explicit Paths(const std::vector<std::string>& patterns) {
        for (const auto& pattern : patterns) {
            PathOptions options;
            options.limits.max_message_bytes = ++count;
            EXPECT_TRUE(table.add(pattern, options, nobody)) << pattern;
        }
    }
    // The number of the pattern that has the path; 0: none.
    std::size_t operator[](std::string_view path) {
        const ServedPath* found = table.find(path);
        return found == nullptr ? 0 : found->limits.max_message_bytes;
    }
    Nobody nobody;
    PathTable table;
    std::size_t count = 0;
};

TEST(served_path, one_path_is_served_and_no_other) {
    Paths paths{{"/chat"}};
    EXPECT_EQ(paths["/chat"], 1U);
    for (const char* other : {"/", "/chat/", "/cha", "/chat2", "/CHAT", "", "*"})
        EXPECT_EQ(paths[other], 0U) << other;
}

TEST(served_path, a_pattern_is_found_as_it_was_added) {
    Paths paths{{"/a/*", "/a/b", "/*"}};
    paths.table.set_fallback({}, paths.nobody);
    const auto number = [&](std::string_view pattern) -> std::size_t {
        const ServedPath* found = paths.table.find_pattern(pattern);
        return found == nullptr ? 0 : found->limits.max_message_bytes;
    };
    EXPECT_EQ(number("/a/*"), 1U);
    EXPECT_EQ(number("/a/b"), 2U);
    EXPECT_EQ(number("/*"), 3U);
    EXPECT_EQ(number(""), ConnectionLimits{}.max_message_bytes);
    for (const char* other : {"/a", "/a/", "/a/c", "/b/*", "*", "/"})
        EXPECT_EQ(number(other), 0U) << other;
}

TEST(served_path, without_a_fallback_there_is_none_to_be_found) {
    Paths paths{{"/a"}};
    EXPECT_EQ(paths.table.find_pattern(""), nullptr);
}

TEST(served_path, its_heartbeat_begins_as_its_limits_have_it_and_may_change) {
    Nobody nobody;
    PathOptions options;
    options.limits.heartbeat.misses = 7;
    ServedPath path{options, nobody};
    EXPECT_EQ(path.heartbeat.read(), options.limits.heartbeat);
    runtime::HeartbeatSettings other;
    other.misses = 8;
    path.heartbeat.set(other);
    EXPECT_EQ(path.heartbeat.read(), other);
    EXPECT_EQ(path.limits.heartbeat.misses, 7U);
}

TEST(served_path, what_lies_below_belongs_to_the_longest_pattern) {
    Paths paths{{"/a/*", "/a/b/*", "/a/b/c"}};
    EXPECT_EQ(paths["/a/x"], 1U);
    EXPECT_EQ(paths["/a/"], 1U);
    EXPECT_EQ(paths["/a/b"], 1U);
    EXPECT_EQ(paths["/a/b/x/y"], 2U);
    EXPECT_EQ(paths["/a/b/c"], 3U);
    EXPECT_EQ(paths["/a/b/c/d"], 2U);
    EXPECT_EQ(paths["/a"], 0U);
    EXPECT_EQ(paths["/ab/c"], 0U);
}

TEST(served_path, all_of_them_are_below_the_root) {
    Paths paths{{"/*", "/a"}};
    EXPECT_EQ(paths["/"], 1U);
    EXPECT_EQ(paths["/b/c"], 1U);
    EXPECT_EQ(paths["/a"], 2U);
    EXPECT_EQ(paths[std::string(8000, '/')], 1U);
}

TEST(served_path, the_fallback_has_what_no_pattern_has) {
    Paths paths{{"/a"}};
    PathOptions options;
    options.limits.max_message_bytes = 9;
    paths.table.set_fallback(options, paths.nobody);
    EXPECT_EQ(paths["/a"], 1U);
    EXPECT_EQ(paths["/b"], 9U);
}

TEST(served_path, a_pattern_is_there_once) {
    Paths paths{{"/a", "/a/*"}};
    EXPECT_FALSE(paths.table.add("/a", {}, paths.nobody));
    EXPECT_FALSE(paths.table.add("/a/*", {}, paths.nobody));
}

TEST(served_path, an_asterisk_stands_at_the_end_alone) {
    for (const char* right : {"/", "/a", "/a/b", "/*", "/a/*", "/a%20b"})
        EXPECT_TRUE(PathTable::is_pattern(right)) << right;
    for (const char* wrong :
         {"", "a", "*", "/a*", "/*/a", "/a?b", "/a#b", "/a b", "/\x7F", "/\xC3"})
        EXPECT_FALSE(PathTable::is_pattern(wrong)) << wrong;
}

}  // namespace
}  // namespace wsecho::engine
