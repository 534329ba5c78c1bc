// Tokens, field values and phrases of HTTP.
#include "protocol/http_text.h"

#include <gtest/gtest.h>

#include <string>

namespace wsecho::protocol {
namespace {

TEST(http_text, a_token_is_letters_digits_and_a_few_signs) {
    for (const char* text : {"a", "Sec-WebSocket-Key", "v1.chat", "!#$%&'*+-.^_`|~09azAZ"})
        EXPECT_TRUE(is_token(text)) << text;
    for (const char* text : {"", " ", "a b", "a,b", "a:b", "a/b", "\"a\"", "a\r\n", "\xC3\xA4"})
        EXPECT_FALSE(is_token(text)) << text;
}

TEST(http_text, a_field_value_has_no_control_characters_but_tabs) {
    for (const char* text : {"", "a b", "\ta", "\xC3\xA4"})
        EXPECT_TRUE(is_field_value(text)) << text;
    for (const std::string& text :
         {std::string{"a\r\nX: y"}, std::string{"\n"}, std::string{"\x7F"}, std::string{"a\0b", 3}})
        EXPECT_FALSE(is_field_value(text)) << text;
}

TEST(http_text, white_space_is_trimmed_at_both_ends_alone) {
    EXPECT_EQ(trim(" \ta b\t "), "a b");
    EXPECT_EQ(trim(" \t "), "");
    EXPECT_EQ(trim(""), "");
}

TEST(http_text, only_the_case_of_ascii_letters_does_not_count) {
    EXPECT_TRUE(equal_ignoring_case("aZ09-", "Az09-"));
    EXPECT_TRUE(equal_ignoring_case("", ""));
    EXPECT_FALSE(equal_ignoring_case("a", "ab"));
    EXPECT_FALSE(equal_ignoring_case("[", "{"));  // 32 apart, as 'A' and 'a' are
    EXPECT_FALSE(equal_ignoring_case("\xC3", "\xE3"));
}

TEST(http_text, a_status_has_its_phrase_or_that_of_its_class) {
    EXPECT_EQ(reason_phrase(401), "Unauthorized");
    EXPECT_EQ(reason_phrase(503), "Service Unavailable");
    EXPECT_EQ(reason_phrase(399), "Redirection");
    EXPECT_EQ(reason_phrase(499), "Client Error");
    EXPECT_EQ(reason_phrase(599), "Server Error");
}

}  // namespace
}  // namespace wsecho::protocol
