// Sec-WebSocket-Extensions as clients write it, and as nobody should.
#include "protocol/extension_list.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace wsecho::protocol {
namespace {

using namespace std::string_literals;

// As the parser understood it, in one way of writing; "malformed" if it is.
std::string told(const std::optional<std::vector<Extension>>& extensions) {
    if (!extensions) return "malformed";
    std::string text;
    for (const auto& extension : *extensions) {
        text += text.empty() ? "" : ", ";
        text += extension.name;
        for (const auto& parameter : extension.parameters)
            text += ";" + parameter.name + (parameter.value ? "=" + *parameter.value : "");
    }
    return text;
}

std::string read(std::string_view header) {
    return told(parse_extensions(header));
}

TEST(extension_list, an_extension_is_a_name) {
    EXPECT_EQ(read("foo"), "foo");
    EXPECT_EQ(read(""), "");
}

TEST(extension_list, extensions_and_parameters_keep_their_order) {
    EXPECT_EQ(read("foo; a; b=1, bar, foo; c=x"), "foo;a;b=1, bar, foo;c=x");
}

TEST(extension_list, space_between_the_parts_does_not_count) {
    EXPECT_EQ(read(" \tfoo ;\ta =  1 , bar;b\t= \"2\" "), "foo;a=1, bar;b=2");
}

TEST(extension_list, empty_elements_are_skipped) {
    EXPECT_EQ(read(",foo, ,,bar , "), "foo, bar");
}

TEST(extension_list, a_value_in_quotes_is_the_same_value) {
    EXPECT_EQ(read(R"(foo; a="10"; b="x\y\1")"), "foo;a=10;b=xy1");
}

// Section 9.1: "the value after quoted-string unescaping MUST conform to the 'token' ABNF".
TEST(extension_list, what_is_in_quotes_has_to_be_a_token) {
    for (const auto* header : {R"(foo; a="")", R"(foo; a="1 2")", R"(foo; a="1,2")",
                               R"(foo; a="\"")", "foo; a=\"\x01\"", "foo; a=\"\xE4\""})
        EXPECT_EQ(read(header), "malformed") << header;
}

TEST(extension_list, what_is_against_the_grammar_is_malformed) {
    for (const auto* header : {";",
                               "=",
                               "foo;",
                               "foo; ;a",
                               "foo; a=",
                               "foo; =1",
                               "foo; a=1 2",
                               "foo bar",
                               "foo=1",
                               "foo; a=b=c",
                               "foo; a \"1\"",
                               "\"foo\"",
                               "foo; \"a\"=1",
                               "fo(o",
                               "foo; a=(",
                               "foo; a=\"1",
                               "foo; a=\"1\\",
                               "foo; a=\"1\"2",
                               "foo; a, ;",
                               "f\x80o",
                               "foo, ba\x7Fr"})
        EXPECT_EQ(read(header), "malformed") << header;
    EXPECT_EQ(read("foo\0"s), "malformed");
}

TEST(extension_list, lines_of_the_header_are_one_list) {
    const std::string text =
        "GET / HTTP/1.1\r\n"
        "Sec-WebSocket-Extensions: foo; a\r\n"
        "Host: localhost\r\n"
        "sec-websocket-extensions: bar, baz\r\n\r\n";
    EXPECT_EQ(told(parse_extensions(*RequestHead::parse(text))), "foo;a, bar, baz");
}

TEST(extension_list, no_header_is_an_empty_list_and_one_bad_line_spoils_it) {
    const std::string without = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    EXPECT_EQ(told(parse_extensions(*RequestHead::parse(without))), "");
    const std::string text =
        "GET / HTTP/1.1\r\n"
        "Sec-WebSocket-Extensions: foo\r\n"
        "Sec-WebSocket-Extensions: bar;\r\n\r\n";
    EXPECT_EQ(told(parse_extensions(*RequestHead::parse(text))), "malformed");
}

TEST(extension_list, what_was_understood_is_understood_again) {
    std::mt19937_64 random{9};
    const std::string letters = "ab;;,, ==\"\"\\1\t";
    int understood = 0;
    for (int round = 0; round < 50'000; ++round) {
        std::string header(random() % 16, ' ');
        for (char& letter : header)
            letter = letters[random() % letters.size()];
        const auto once = read(header);
        if (once == "malformed") continue;
        ASSERT_EQ(read(once), once) << header;
        ++understood;
    }
    EXPECT_GT(understood, 1000) << "the headers must not all be malformed";
}

}  // namespace
}  // namespace wsecho::protocol
