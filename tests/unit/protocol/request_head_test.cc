// Request heads as RFC 9112 has them, and what only looks like one.
#include "protocol/request_head.h"

#include <gtest/gtest.h>

#include <string>

namespace wsecho::protocol {
namespace {

std::string with_request_line(const std::string& line) {
    return line + "\r\nHost: example.org\r\n\r\n";
}

std::string with_field(const std::string& line) {
    return "GET / HTTP/1.1\r\n" + line + "\r\n\r\n";
}

bool is_head(const std::string& text) {
    return RequestHead::parse(text).has_value();
}

// A view into `text`, which the caller keeps.
RequestHead parsed(const std::string& text) {
    const auto head = RequestHead::parse(text);
    EXPECT_TRUE(head.has_value()) << text;
    return head.value_or(*RequestHead::parse("GET /did-not-parse HTTP/1.1\r\n\r\n"));
}

struct Target {
    std::string path;
    std::string query;
    friend bool operator==(const Target&, const Target&) = default;
    friend std::ostream& operator<<(std::ostream& out, const Target& target) {
        return out << target.path << " ? " << target.query;
    }
};

Target target_of(const std::string& written) {
    const std::string text = with_request_line("GET " + written + " HTTP/1.1");
    const auto head = parsed(text);
    return {std::string{head.path()}, std::string{head.query()}};
}

// --- The request line ---

TEST(request_head, the_request_line_has_three_parts) {
    const std::string text = with_request_line("GET /chat?room=1 HTTP/1.1");
    const auto head = parsed(text);
    EXPECT_EQ(head.method(), "GET");
    EXPECT_EQ(head.path(), "/chat");
    EXPECT_EQ(head.query(), "room=1");
    EXPECT_EQ(head.version(), "HTTP/1.1");
}

TEST(request_head, a_malformed_request_line_is_refused) {
    for (const char* line : {
             "",
             "GET",
             "GET /",
             "GET / HTTP/1",
             "GET / HTTP/1.10",
             "GET / http/1.1",
             "GET / XTTP/1.1",
             " GET / HTTP/1.1",
             "GET / HTTP/1.1 ",
             "GET  / HTTP/1.1",
             "GET /  HTTP/1.1",
             "GET\t/ HTTP/1.1",
             "GET /a b HTTP/1.1",
             "G@T / HTTP/1.1",
             " / HTTP/1.1",
             "GET /a\tb HTTP/1.1",
             "GET /\x7F HTTP/1.1",
             "GET /\xC3\xA9 HTTP/1.1",
             "GET /\n HTTP/1.1",
             "GET chat HTTP/1.1",
             "GET * HTTP/1.1",
             "GET example.org:80 HTTP/1.1",
         })
        EXPECT_FALSE(is_head(with_request_line(line))) << '"' << line << '"';
}

TEST(request_head, an_empty_target_is_refused) {
    EXPECT_FALSE(is_head(with_request_line("GET  HTTP/1.1")));
}

TEST(request_head, a_nul_in_the_request_line_is_refused) {
    using namespace std::string_literals;
    EXPECT_FALSE(is_head(with_request_line("GET /\0 HTTP/1.1"s)));
    EXPECT_FALSE(is_head(with_request_line("G\0T / HTTP/1.1"s)));
}

TEST(request_head, any_token_is_a_method) {
    const std::string text = with_request_line("M-SEARCH! / HTTP/1.1");
    EXPECT_EQ(parsed(text).method(), "M-SEARCH!");
}

TEST(request_head, the_query_begins_at_the_first_question_mark) {
    EXPECT_EQ(target_of("/a?b?c"), (Target{"/a", "b?c"}));
    EXPECT_EQ(target_of("/a?"), (Target{"/a", ""}));
    EXPECT_EQ(target_of("/?x=/y://z"), (Target{"/", "x=/y://z"}));
}

TEST(request_head, an_absolute_target_loses_scheme_and_authority) {
    EXPECT_EQ(target_of("http://example.org/chat?x=1"), (Target{"/chat", "x=1"}));
    EXPECT_EQ(target_of("ws://[::1]:80/chat"), (Target{"/chat", ""}));
    EXPECT_EQ(target_of("http://example.org"), (Target{"/", ""}));
    EXPECT_EQ(target_of("http://example.org/"), (Target{"/", ""}));
}

// RFC 3986, section 3.2: the authority ends at the first '/', '?' or '#'.
TEST(request_head, an_absolute_target_without_a_path_keeps_its_query) {
    EXPECT_EQ(target_of("http://example.org?x=1"), (Target{"/", "x=1"}));
    EXPECT_EQ(target_of("http://example.org?x=/y"), (Target{"/", "x=/y"}));
}

// RFC 3986, section 3.1: a scheme is a letter, then letters, digits, '+', '-' or '.'.
TEST(request_head, a_target_with_a_colon_somewhere_is_not_absolute) {
    EXPECT_FALSE(is_head(with_request_line("GET chat?to=http://example.org/x HTTP/1.1")));
    EXPECT_FALSE(is_head(with_request_line("GET ://example.org/x HTTP/1.1")));
}

// --- Header lines ---

TEST(request_head, a_malformed_header_line_is_refused) {
    for (const char* line : {
             "no colon",
             ": no name",
             "Host : space before the colon",
             " Host: leading space",
             "Na me: x",
             "Na(me: x",
             "Host: a\r\n folded",
             "Host: a\r\n\tfolded",
             "Host: bare\nline feed",
             "Host: bare\rreturn",
             "Host: \x01",
             "Host: \x7F",
         })
        EXPECT_FALSE(is_head(with_field(line))) << '"' << line << '"';
}

TEST(request_head, a_nul_in_a_header_is_refused) {
    using namespace std::string_literals;
    EXPECT_FALSE(is_head(with_field("Host: a\0b"s)));
    EXPECT_FALSE(is_head(with_field("Ho\0st: a"s)));
}

TEST(request_head, a_head_without_headers_is_one) {
    const std::string text = "GET / HTTP/1.1\r\n\r\n";
    EXPECT_EQ(parsed(text).header("Host"), std::nullopt);
    EXPECT_EQ(parsed(text).count("Host"), 0U);
}

TEST(request_head, white_space_around_a_value_is_not_of_it) {
    for (const char* line : {"X: v w", "X:v w", "X: \t v w \t "}) {
        const std::string text = with_field(line);
        EXPECT_EQ(parsed(text).header("X"), "v w") << line;
    }
}

TEST(request_head, an_empty_value_is_a_value) {
    for (const char* line : {"X:", "X: ", "X: \t"}) {
        const std::string text = with_field(line);
        EXPECT_EQ(parsed(text).header("X"), "") << line;
    }
}

TEST(request_head, a_value_may_hold_colons_and_bytes_above_127) {
    const std::string text = with_field("X: a:b: \xC3\xA9");
    EXPECT_EQ(parsed(text).header("X"), "a:b: \xC3\xA9");
}

TEST(request_head, names_match_in_any_case_and_only_whole) {
    const std::string text = with_field("X-Some-Name: 1");
    EXPECT_EQ(parsed(text).header("x-SOME-name"), "1");
    EXPECT_EQ(parsed(text).header("X-Some"), std::nullopt);
    EXPECT_EQ(parsed(text).header("X-Some-Name2"), std::nullopt);
    EXPECT_EQ(parsed(text).header(""), std::nullopt);
}

TEST(request_head, of_duplicate_headers_the_first_answers_and_all_are_counted) {
    const std::string text = with_field("X: 1\r\nY: 2\r\nx: 3");
    EXPECT_EQ(parsed(text).header("X"), "1");
    EXPECT_EQ(parsed(text).count("X"), 2U);
    EXPECT_EQ(parsed(text).count("Y"), 1U);
    EXPECT_EQ(parsed(text).count("Z"), 0U);
}

TEST(request_head, what_follows_the_empty_line_is_not_looked_at) {
    const std::string text = with_field("X: 1") + "Y: 2\r\n\r\n";
    EXPECT_EQ(parsed(text).header("Y"), std::nullopt);
    EXPECT_EQ(parsed(text).count("Y"), 0U);
}

TEST(request_head, a_last_byte_without_its_line_end_is_refused_or_read_never_run_past) {
    const std::string text = with_field("Host: a");
    for (std::size_t size = 0; size < text.size(); ++size) {
        const std::string cut{text, 0, size};  // memory of its own: a sanitizer sees its end
        const auto head = RequestHead::parse(cut);
        EXPECT_LE(head ? head->header("Host").value_or("").size() : 0U, 1U);
    }
}

// --- Lists of tokens ---

TEST(request_head, a_token_is_found_anywhere_in_a_list_in_any_case) {
    for (const char* list : {"upgrade", "UPGRADE", "keep-alive, Upgrade", "Upgrade,keep-alive",
                             "a ,\tUpgrade\t, b", ",,Upgrade,", "a,Upgrade"}) {
        const std::string text = with_field("Connection: " + std::string{list});
        EXPECT_TRUE(parsed(text).has_token("connection", "Upgrade")) << list;
    }
}

TEST(request_head, a_part_of_an_element_is_no_token) {
    for (const char* list : {"", "Upgraded", "un-Upgrade", "Up grade", "Upgrade/2", "Upgrade;q=1",
                             "\"Upgrade\"", "a b Upgrade"}) {
        const std::string text = with_field("Connection: " + std::string{list});
        EXPECT_FALSE(parsed(text).has_token("Connection", "Upgrade")) << list;
    }
}

TEST(request_head, a_list_may_be_spread_over_lines) {
    const std::string text = with_field("Connection: keep-alive\r\nX: y\r\nConnection: Upgrade");
    EXPECT_TRUE(parsed(text).has_token("Connection", "Upgrade"));
    EXPECT_FALSE(parsed(text).has_token("X", "Upgrade"));
}

TEST(request_head, a_list_has_its_elements_in_their_order_without_empty_ones) {
    const std::string text = with_field("P: a , ,b\r\nX: y\r\np:C,");
    EXPECT_EQ(parsed(text).list("P"), (std::vector<std::string_view>{"a", "b", "C"}));
    EXPECT_TRUE(parsed(text).list("Q").empty());
}

TEST(request_head, its_fields_are_told_in_their_order) {
    const std::string text = "GET / HTTP/1.1\r\nHost: a\r\nX:  b \r\nx:\r\n\r\n";
    std::string told;
    for (const auto& field : parsed(text).fields())
        told.append(field.name).append("=").append(field.value).append(";");
    EXPECT_EQ(told, "Host=a;X=b;x=;");
}

}  // namespace
}  // namespace wsecho::protocol
