// Who the client is behind proxies, and who only says so.
#include "protocol/forwarded.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace wsecho::protocol {
namespace {

// The lines of a request from "10.0.0.1", with proxies in 10.0.0.0/8 and "fd00::/8".
class Request {
  public:
    Request(ForwardedHeader header, const std::string& lines)
        : header_{header}, text_{"GET / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n\r\n"} {}

    // "peer" where the socket's own address holds.
    [[nodiscard]] std::string client(std::string_view peer = "10.0.0.1") const {
        const auto address = IpAddress::parse(peer);
        EXPECT_TRUE(address.has_value()) << peer;
        return text(find_client(head(), header_, address.value_or(IpAddress{}),
                                *NetworkList::parse("10.0.0.0/8 fd00::/8")));
    }
    [[nodiscard]] std::string client_of_unix_peer(std::string_view trusted) const {
        return text(find_client(head(), header_, UnixPeer{}, *NetworkList::parse(trusted)));
    }

  private:
    [[nodiscard]] RequestHead head() const {
        const auto head = RequestHead::parse(text_);
        EXPECT_TRUE(head.has_value()) << text_;
        return head.value_or(*RequestHead::parse("GET /did-not-parse HTTP/1.1\r\n\r\n"));
    }
    static std::string text(const std::optional<Endpoint>& client) {
        return client ? client->to_text() : "peer";
    }

    ForwardedHeader header_;
    std::string text_;
};

Request with_lines(const std::string& lines) {
    return {ForwardedHeader::x_forwarded_for, lines};
}

std::string client_by_x_forwarded_for(const std::string& value) {
    return with_lines("X-Forwarded-For: " + value).client();
}

std::string client_by_forwarded(const std::string& value) {
    return Request{ForwardedHeader::forwarded, "Forwarded: " + value}.client();
}

// --- Whom to believe ---

TEST(forwarded, a_trusted_peer_tells_its_client) {
    EXPECT_EQ(client_by_x_forwarded_for("203.0.113.7"), "203.0.113.7");
    EXPECT_EQ(with_lines("x-forwarded-FOR:203.0.113.7").client("::ffff:10.0.0.9"), "203.0.113.7");
}

TEST(forwarded, a_peer_that_is_not_trusted_tells_nothing) {
    EXPECT_EQ(with_lines("X-Forwarded-For: 203.0.113.7").client("192.0.2.1"), "peer");
    EXPECT_EQ(with_lines("X-Forwarded-For: 203.0.113.7, 10.0.0.1").client("192.0.2.1"), "peer");
}

TEST(forwarded, without_the_header_the_peer_is_the_client) {
    EXPECT_EQ(with_lines("X-Forwarded: 203.0.113.7").client(), "peer");
    EXPECT_EQ(with_lines("X-Forwarded-For-Not: 203.0.113.7").client(), "peer");
}

TEST(forwarded, what_the_client_wrote_itself_is_not_looked_at) {
    EXPECT_EQ(client_by_x_forwarded_for("10.0.0.66, 203.0.113.7"), "203.0.113.7");
    EXPECT_EQ(client_by_x_forwarded_for("198.51.100.1, 10.0.0.5, 203.0.113.7"), "203.0.113.7");
    EXPECT_EQ(client_by_x_forwarded_for("garbage \" \\, 203.0.113.7"), "203.0.113.7");
    EXPECT_EQ(client_by_x_forwarded_for("198.51.100.1, 203.0.113.7, 10.0.0.2, fd00::3"),
              "203.0.113.7");
}

TEST(forwarded, where_all_are_trusted_the_first_is_the_client) {
    EXPECT_EQ(client_by_x_forwarded_for("10.0.0.4, 10.0.0.3, 10.0.0.2"), "10.0.0.4");
}

TEST(forwarded, a_header_of_several_lines_is_one_list) {
    const std::string last = "X-Forwarded-For: 10.0.0.3 , 10.0.0.2";
    EXPECT_EQ(with_lines("X-Forwarded-For: 198.51.100.1, 203.0.113.7\r\nA: b\r\nx-forwarded-for: " +
                         std::string{"10.0.0.3 , 10.0.0.2"})
                  .client(),
              "203.0.113.7");
    EXPECT_EQ(
        with_lines("X-Forwarded-For: 198.51.100.1\r\n" + last + "\r\nX-Forwarded-For: 203.0.113.7")
            .client(),
        "203.0.113.7");
}

TEST(forwarded, the_header_that_is_not_asked_for_is_not_read) {
    const std::string both = "Forwarded: for=198.51.100.1\r\nX-Forwarded-For: 203.0.113.7";
    EXPECT_EQ(Request(ForwardedHeader::x_forwarded_for, both).client(), "203.0.113.7");
    EXPECT_EQ(Request(ForwardedHeader::forwarded, both).client(), "198.51.100.1");
    EXPECT_EQ(Request(ForwardedHeader::forwarded, "X-Forwarded-For: 203.0.113.7").client(), "peer");
    EXPECT_EQ(with_lines("Forwarded: for=203.0.113.7").client(), "peer");
}

TEST(forwarded, a_peer_on_a_unix_socket_is_believed_only_by_its_word) {
    const auto request = with_lines("X-Forwarded-For: 198.51.100.1, 203.0.113.7");
    EXPECT_EQ(request.client_of_unix_peer("unix"), "203.0.113.7");
    EXPECT_EQ(request.client_of_unix_peer("unix 203.0.113.0/24"), "198.51.100.1");
    EXPECT_EQ(request.client_of_unix_peer("private 0.0.0.0/0 ::/0"), "peer");
}

// --- What is no address ---

TEST(forwarded, an_element_without_an_address_leaves_the_last_one_known) {
    for (const char* unknown : {"unknown", "_hidden", "unix:", "x", "1.2.3", "1.2.3.4.5", "\"\"",
                                "1.2.3.4:99999", "[::1", "1.2.3.4 5.6.7.8", "\"1.2.3.4\""}) {
        const std::string element{unknown};
        EXPECT_EQ(client_by_x_forwarded_for(element), "peer") << element;
        EXPECT_EQ(client_by_x_forwarded_for("198.51.100.1, " + element), "peer") << element;
        EXPECT_EQ(client_by_x_forwarded_for("198.51.100.1, " + element + ", 10.0.0.2"), "10.0.0.2")
            << element;
    }
}

// A proxy that has no address for its element leaves a comma behind what the client sent.
TEST(forwarded, an_empty_element_is_not_skipped) {
    EXPECT_EQ(client_by_x_forwarded_for("198.51.100.1,"), "peer");
    EXPECT_EQ(client_by_x_forwarded_for("198.51.100.1, , 10.0.0.2"), "10.0.0.2");
    EXPECT_EQ(client_by_x_forwarded_for(""), "peer");
    EXPECT_EQ(with_lines("X-Forwarded-For: 198.51.100.1\r\nX-Forwarded-For: ").client(), "peer");
    EXPECT_EQ(client_by_x_forwarded_for(", 203.0.113.7"), "203.0.113.7");
}

TEST(forwarded, so_many_elements_are_looked_at_and_no_more) {
    std::string trusted = "10.0.0.2";
    for (std::size_t count = 2; count < max_forwarded_elements; ++count)
        trusted += ", 10.0.0.2";
    EXPECT_EQ(client_by_x_forwarded_for("203.0.113.7, " + trusted), "203.0.113.7");
    EXPECT_EQ(client_by_x_forwarded_for("203.0.113.7, 10.0.0.3, " + trusted), "10.0.0.3");
}

TEST(forwarded, so_many_lines_are_looked_at_and_no_more) {
    std::string trusted;
    for (std::size_t count = 1; count < max_forwarded_elements; ++count)
        trusted += "\r\nX-Forwarded-For: 10.0.0.2";
    EXPECT_EQ(with_lines("X-Forwarded-For: 203.0.113.7" + trusted).client(), "203.0.113.7");
    EXPECT_EQ(with_lines("X-Forwarded-For: 203.0.113.7, 10.0.0.3" + trusted).client(), "10.0.0.3");
}

// --- The forms of an address ---

TEST(forwarded, the_address_is_told_as_one_writes_it_with_the_port_if_there_is_one) {
    EXPECT_EQ(client_by_x_forwarded_for("203.0.113.7:567"), "203.0.113.7:567");
    EXPECT_EQ(client_by_x_forwarded_for("2001:DB8:0::1"), "2001:db8::1");
    EXPECT_EQ(client_by_x_forwarded_for("[2001:db8::1]"), "2001:db8::1");
    EXPECT_EQ(client_by_x_forwarded_for("[2001:db8::1]:567"), "[2001:db8::1]:567");
    EXPECT_EQ(client_by_x_forwarded_for("::ffff:203.0.113.7"), "203.0.113.7");
}

TEST(forwarded, a_proxy_is_trusted_whatever_its_port) {
    EXPECT_EQ(client_by_x_forwarded_for("203.0.113.7:1, 10.0.0.3:2, [fd00::1]:3"), "203.0.113.7:1");
}

// --- RFC 7239 ---

// Sections 4, 6.3 and 7.1.
TEST(forwarded, the_examples_of_the_rfc_are_understood) {
    EXPECT_EQ(client_by_forwarded("for=192.0.2.60;proto=http;by=203.0.113.43"), "192.0.2.60");
    EXPECT_EQ(client_by_forwarded("For=\"[2001:db8:cafe::17]:4711\""), "[2001:db8:cafe::17]:4711");
    EXPECT_EQ(client_by_forwarded("for=192.0.2.43, for=198.51.100.17"), "198.51.100.17");
    EXPECT_EQ(client_by_forwarded("for=192.0.2.43, for=\"[2001:db8:cafe::17]\""),
              "2001:db8:cafe::17");
    EXPECT_EQ(client_by_forwarded("for=\"_gazonk\""), "peer");
    EXPECT_EQ(client_by_forwarded("for=_hidden, for=_SEVKISEK"), "peer");
    EXPECT_EQ(client_by_forwarded("for=unknown"), "peer");
}

TEST(forwarded, the_address_stands_in_any_place_of_an_element) {
    for (const char* element :
         {"proto=http;for=192.0.2.60", "by=_b;FOR=\"192.0.2.60\";host=\"a;b,c\"",
          "host=\"for=1.2.3.4\";for=192.0.2.60", "for=192.0.2.60; proto=https", ";for=192.0.2.60;",
          "ext=\"\\\";for=1.2.3.4,\\\\\" ; for=192.0.2.60"})
        EXPECT_EQ(client_by_forwarded(element), "192.0.2.60") << element;
}

TEST(forwarded, quotes_that_a_port_needs_may_be_left_out) {
    EXPECT_EQ(client_by_forwarded("for=192.0.2.60:80"), "192.0.2.60:80");
    EXPECT_EQ(client_by_forwarded("for=[2001:db8::1]:80;proto=http"), "[2001:db8::1]:80");
}

// Section 6.3; an address with a port that means nothing is an address.
TEST(forwarded, an_obfuscated_port_is_no_port) {
    EXPECT_EQ(client_by_forwarded("for=\"192.0.2.60:_p\""), "192.0.2.60");
    EXPECT_EQ(client_by_forwarded("for=\"[2001:db8::1]:_p.-_9\""), "2001:db8::1");
    EXPECT_EQ(client_by_forwarded("for=\"192.0.2.60:_\""), "peer");
    EXPECT_EQ(client_by_forwarded("for=\"192.0.2.60:_p+\""), "peer");
}

TEST(forwarded, an_element_that_is_not_well_formed_has_no_address) {
    for (const char* element : {"192.0.2.60",
                                "for",
                                "for=",
                                "for=\"\"",
                                "for=\"",
                                "=192.0.2.60",
                                "for =192.0.2.60",
                                "for= 192.0.2.60",
                                "for=192.0.2.60;for=192.0.2.61",
                                "for=192.0.2.60;x",
                                "for=192.0.2.60;a b=c",
                                "for=\"192.0.2.60",
                                "for=192.0.2.60\"",
                                "for=\"192.0.2.60\"x",
                                "for=\"192.0\\.2.60\"",
                                "for=\"192.0.2.60\"\"\"",
                                "by=192.0.2.60",
                                "proto=http",
                                "fore=192.0.2.60",
                                "for=2001:db8::1",
                                "for=\"2001:db8::1\"",
                                "for=\"[192.0.2.60]\"",
                                "for=\"2001:db8::1:80\"",
                                "for=\"x\\"}) {
        EXPECT_EQ(client_by_forwarded(element), "peer") << element;
        EXPECT_EQ(client_by_forwarded("for=198.51.100.1, " + std::string{element}), "peer")
            << element;
    }
}

TEST(forwarded, a_comma_in_quotes_is_within_its_element) {
    EXPECT_EQ(client_by_forwarded("for=192.0.2.60;ext=\"a, for=1.2.3.4\""), "192.0.2.60");
    EXPECT_EQ(client_by_forwarded("for=192.0.2.60;ext=\"\\\", for=1.2.3.4\""), "192.0.2.60");
    EXPECT_EQ(client_by_forwarded("for=192.0.2.60;ext=\", for=1.2.3.4\\\"\""), "192.0.2.60");
    EXPECT_EQ(client_by_forwarded("for=192.0.2.60;ext=\", for=1.2.3.4\\\\\""), "192.0.2.60");
    EXPECT_EQ(client_by_forwarded("for=192.0.2.60;ext=\"\\\\\", for=1.2.3.4"), "1.2.3.4");
}

// Read from the left, an open quote would run on into what the proxies have added.
TEST(forwarded, a_quote_that_the_client_left_open_hides_no_element_of_a_proxy) {
    for (const char* forged : {"for=\"", "for=\"[::1]\", for=\"x", "for=1.2.3.4;x=\"", "\"", "\\",
                               "for=\"\\", "\"\"\""}) {
        const std::string start = std::string{forged} + ", ";
        EXPECT_EQ(client_by_forwarded(start + "for=192.0.2.60"), "192.0.2.60") << forged;
        EXPECT_EQ(client_by_forwarded(start + "for=\"[2001:db8::1]:80\""), "[2001:db8::1]:80")
            << forged;
        EXPECT_EQ(client_by_forwarded(start + "for=192.0.2.60;by=\"[fd00::1]\", for=\"[fd00::1]\""),
                  "192.0.2.60")
            << forged;
    }
}

// --- Random chains ---

std::string element_of(ForwardedHeader header, const std::string& address, bool quoted) {
    if (header == ForwardedHeader::x_forwarded_for) return address;
    const bool is_v6 = address.find(':') != std::string::npos;
    const auto node = is_v6 ? "[" + address + "]" : address;
    return quoted || is_v6 ? "for=\"" + node + "\";proto=https" : "proto=http;for=" + node;
}

// A client may write what it will: the proxies' addresses and its own come out the same.
TEST(forwarded, no_text_of_a_client_changes_who_it_is) {
    constexpr std::string_view characters = "for=\"\\,;: 10.2_a[]";
    std::mt19937 random{7239};
    for (int round = 0; round < 20'000; ++round) {
        const auto header =
            round % 2 == 0 ? ForwardedHeader::forwarded : ForwardedHeader::x_forwarded_for;
        const std::string name =
            header == ForwardedHeader::forwarded ? "Forwarded: " : "X-Forwarded-For: ";
        std::string lines = name;
        for (auto left = random() % 30; left > 0; --left)
            lines += characters[random() % characters.size()];

        std::vector<std::string> chain{random() % 2 == 0 ? "203.0.113.7" : "2001:db8::7"};
        for (auto proxies = random() % 5; proxies > 0; --proxies)
            chain.push_back(random() % 2 == 0 ? "10.1.2.3" : "fd00::5");
        for (const auto& address : chain) {
            lines += random() % 3 == 0 ? "\r\n" + name : ", ";
            lines += element_of(header, address, random() % 2 == 0);
        }
        ASSERT_EQ(Request(header, lines).client(), chain.front()) << lines;
    }
}

}  // namespace
}  // namespace wsecho::protocol
