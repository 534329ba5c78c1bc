// What a report must be whatever the server said: one page, whole, that asks nobody for anything.
#include "report/html_report.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <string>
#include <string_view>

namespace wsecho::loadgen {
namespace {

constexpr std::string_view opening = R"(<script id="document" type="application/json">)";

std::size_t count_of(std::string_view what, const std::string& text) {
    std::size_t count = 0;
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
        ++count;
    }
    return count;
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    return text;
}

// What a browser takes for the document: up to the first end of the script.
std::string embedded(const std::string& page) {
    const std::size_t from = page.find(opening) + opening.size();
    return page.substr(from, lower(page).find("</script", from) - from);
}

TEST(html_report, the_document_is_inside_as_it_came) {
    const std::string document = R"({"scenario": "echo", "address": "ws://host/?a=1&b=\"2\""})";
    const std::string page = html_report(document);
    ASSERT_EQ(count_of(opening, page), 1U);
    EXPECT_EQ(embedded(page), document);
}

TEST(html_report, it_is_a_whole_page) {
    const std::string page = html_report("{}");
    EXPECT_EQ(page.find("<!DOCTYPE html>"), 0U);
    EXPECT_EQ(page.substr(page.size() - 8), "</html>\n");
    for (const char* place : {"@STYLE@", "@SCRIPT@", "@LIBRARY@", "@DOCUMENT@"}) {
        EXPECT_EQ(page.find(place), std::string::npos) << place;
    }
}

TEST(html_report, no_text_of_a_server_can_end_the_script) {
    const std::size_t scripts = count_of("</script", lower(html_report("{}")));
    for (const char* hostile : {"</script><script>alert(1)</script>", "</SCRIPT >", "<!--<script>",
                                "<", "</", "x</scr", "<<</script>"}) {
        const std::string page = html_report(std::string(R"({"first_error": ")") + hostile + "\"}");
        EXPECT_EQ(count_of("</script", lower(page)), scripts) << hostile;
        EXPECT_EQ(embedded(page).find('<'), std::string::npos) << hostile;
        EXPECT_EQ(embedded(page).back(), '}') << hostile;
    }
}

TEST(html_report, an_angle_bracket_becomes_the_escape_that_means_the_same) {
    EXPECT_EQ(embedded(html_report(R"({"text":"p99<20ms"})")), R"({"text":"p99\u003c20ms"})");
}

TEST(html_report, bytes_that_are_no_text_pass_unharmed) {
    const std::string document("{\"a\":\"\x00\xff\xe2\x80\xa8@DOCUMENT@\"}", 22);
    EXPECT_EQ(embedded(html_report(document)), document);
}

TEST(html_report, the_page_refers_to_nothing_outside_itself) {
    std::string page = lower(html_report("{}"));
    page.erase(std::remove_if(page.begin(), page.end(),
                              [](unsigned char letter) { return std::isspace(letter) != 0; }),
               page.end());
    for (const char* reference : {"src=", "href=", "@import", "url(http", "url(\"", "url('",
                                  "url(/", "<link", "<iframe", "<imgsrc"}) {
        EXPECT_EQ(page.find(reference), std::string::npos) << reference;
    }
    // The addresses that remain are those of authors, in the comments of the library.
    EXPECT_NE(page.find("default-src'none'"), std::string::npos);
}

TEST(html_report, the_license_of_the_library_stays_in_the_page) {
    const std::string page = html_report("{}");
    EXPECT_NE(page.find("Chart.js v3"), std::string::npos);
    EXPECT_NE(page.find("Released under the MIT License"), std::string::npos);
}

}  // namespace
}  // namespace wsecho::loadgen
