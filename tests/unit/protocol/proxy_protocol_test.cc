// PROXY headers of both versions in any pieces, and what is none.
#include "protocol/proxy_protocol.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace wsecho::protocol {
namespace {

using namespace std::string_literals;
using State = ProxyHeader::State;

const std::string request = "GET / HTTP/1.1\r\n\r\n";

// Reads a copy that ends where the bytes do, so that a sanitizer sees a read beyond.
ProxyHeader read(const std::string& bytes) {
    const auto copy = std::make_unique<char[]>(bytes.size());
    std::copy(bytes.begin(), bytes.end(), copy.get());
    return parse_proxy_header({copy.get(), bytes.size()});
}

// In one text: how it ended, and with what.
std::string told(const ProxyHeader& header) {
    if (header.state == State::need_more) return "more";
    if (header.state == State::malformed)
        return header.why.empty() || header.size > 0 || header.source ? "inconsistent"
                                                                      : "malformed";
    return std::to_string(header.size) + " from " +
           (header.source ? header.source->to_text() : "the socket's peer");
}

// It is whole with its last byte, not before, and whatever follows.
void expect_whole(const std::string& header, const std::string& source) {
    const auto expected = std::to_string(header.size()) + " from " + source;
    for (std::size_t size = 0; size < header.size(); ++size)
        ASSERT_EQ(told(read(header.substr(0, size))), "more") << size << " bytes of " << header;
    EXPECT_EQ(told(read(header)), expected) << header;
    EXPECT_EQ(told(read(header + request)), expected) << header;
    EXPECT_EQ(told(read(header + header)), expected) << header;
}

// It is malformed with its last byte, and not before.
void expect_malformed_at_the_end(const std::string& bytes) {
    EXPECT_EQ(told(read(bytes.substr(0, bytes.size() - 1))), "more") << bytes;
    EXPECT_EQ(told(read(bytes)), "malformed") << bytes;
}

// --- What is no header ---

TEST(proxy_protocol, no_byte_is_no_answer) {
    EXPECT_EQ(told(parse_proxy_header({})), "more");
}

TEST(proxy_protocol, a_request_is_found_at_the_first_byte_that_differs) {
    expect_malformed_at_the_end("G");
    expect_malformed_at_the_end("PO");
    expect_malformed_at_the_end("PRI");
    expect_malformed_at_the_end("PROP");
    expect_malformed_at_the_end("PROXY\r");
    expect_malformed_at_the_end("p");
    expect_malformed_at_the_end("\x16");  // TLS
    expect_malformed_at_the_end("\r\nG");
    expect_malformed_at_the_end("\r\n\r\n\0\r\nQUIT\r"s);
}

TEST(proxy_protocol, malformed_bytes_are_told_in_words) {
    EXPECT_EQ(read(request).why, "no PROXY header");
    EXPECT_NE(read("PROXY TCP5").why, read("PROXY TCP4 x").why);
}

// --- Version 1 ---

TEST(proxy_protocol, a_line_tells_the_source) {
    expect_whole("PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n", "192.168.0.1:56324");
    expect_whole("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n",
                 "255.255.255.255:65535");
    expect_whole("PROXY TCP6 2001:DB8::1 ::2 0 1\r\n", "[2001:db8::1]:0");
    expect_whole("PROXY TCP6 ::ffff:192.0.2.1 ::1 7 8\r\n", "192.0.2.1:7");
    const std::string longest = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
    expect_whole("PROXY TCP6 " + longest + " " + longest + " 65535 65535\r\n",
                 "[" + longest + "]:65535");
}

TEST(proxy_protocol, an_unknown_protocol_leaves_the_peer_whatever_follows_it) {
    expect_whole("PROXY UNKNOWN\r\n", "the socket's peer");
    expect_whole("PROXY UNKNOWN 1.2.3.4 5.6.7.8 9 10\r\n", "the socket's peer");
    expect_whole("PROXY UNKNOWN \x01\n\r any thing\r\r\n", "the socket's peer");
}

TEST(proxy_protocol, a_line_has_107_bytes_at_most) {
    const std::string start = "PROXY UNKNOWN ";
    const auto filler = std::string(max_proxy_line - start.size() - 2, 'x');
    expect_whole(start + filler + "\r\n", "the socket's peer");
    expect_malformed_at_the_end(start + filler + "x\r");
    EXPECT_EQ(told(read(start + filler + "x\r\n")), "malformed");
    expect_malformed_at_the_end(start + filler + "xx");
}

TEST(proxy_protocol, a_wrong_line_is_malformed_as_soon_as_nothing_could_mend_it) {
    for (const char* bytes : {
             "PROXY  ",
             "PROXY t",
             "PROXY TCP5",
             "PROXY TCP4\t",
             "PROXY TCP44",
             "PROXY TCP ",
             "PROXY UD",
             "PROXY UNKNOWNX",
             "PROXY UNKNOWN\rX",
             "PROXY U\r",
             "PROXY \r",
             "PROXY TCP4\r",
             "PROXY TCP4 1.2.3.4\r",
             "PROXY TCP4 1.2.3.4 5.6.7.8 9\r",
             "PROXY TCP4 1.2.3.4 5.6.7.8 9 \r",
             "PROXY TCP4 1.2.3.4 5.6.7.8 9 10 ",
             "PROXY TCP4 1.2.3.4 5.6.7.8 9 10\n",
             "PROXY TCP4 1.2.3.4 5.6.7.8 9 10\rX",
             "PROXY TCP4  ",
             "PROXY TCP4 a",
             "PROXY TCP4 :",
             "PROXY TCP4 1.2.3 ",
             "PROXY TCP4 1.2.3.04 ",
             "PROXY TCP4 1.2.3.4 5.6.7.256 ",
             "PROXY TCP4 1.2.3.4 5.6.7.8  ",
             "PROXY TCP4 1.2.3.4 5.6.7.8 00",
             "PROXY TCP4 1.2.3.4 5.6.7.8 65536",
             "PROXY TCP4 1.2.3.4 5.6.7.8 -",
             "PROXY TCP4 1.2.3.4 5.6.7.8 9 x",
             "PROXY TCP4 1.2.3.4 5.6.7.8 9 01",
             "PROXY TCP6 1.2.3.4 ",
             "PROXY TCP6 ::1%",
             "PROXY TCP6 [",
             "PROXY TCP6 ::g",
             "PROXY TCP6 ::1 1.2.3.4 ",
             "PROXY TCP6 1::2::3 ",
         })
        expect_malformed_at_the_end(bytes);
}

// --- Version 2 ---

const std::string signature = "\r\n\r\n\0\r\nQUIT\n"s;
const std::string v4_block = "\x01\x02\x03\x04\x05\x06\x07\x08\x12\x34\x00\x50"s;
const std::string v6_block =
    "\x20\x01\x0D\xB8\0\0\0\0\0\0\0\0\0\0\0\x01"s + std::string(16, '\xFF') + "\xFF\xFE\x00\x50"s;

std::string binary(int command, int family, const std::string& block) {
    return signature + static_cast<char>(command) + static_cast<char>(family) +
           static_cast<char>(block.size() >> 8U) + static_cast<char>(block.size() & 0xFFU) + block;
}

TEST(proxy_protocol, a_block_tells_the_source) {
    expect_whole(binary(0x21, 0x11, v4_block), "1.2.3.4:4660");
    expect_whole(binary(0x21, 0x21, v6_block), "[2001:db8::1]:65534");
}

TEST(proxy_protocol, extensions_are_skipped) {
    const std::string extensions = "\x04\x00\x02xx\xE0\x00\x00"s;
    expect_whole(binary(0x21, 0x11, v4_block + extensions), "1.2.3.4:4660");
    expect_whole(binary(0x21, 0x21, v6_block + extensions), "[2001:db8::1]:65534");
}

TEST(proxy_protocol, a_client_on_a_unix_socket_leaves_the_peer) {
    expect_whole(binary(0x21, 0x31, std::string(216, '/')), "the socket's peer");
}

TEST(proxy_protocol, an_unspecified_family_leaves_the_peer) {
    expect_whole(binary(0x21, 0x00, ""), "the socket's peer");
    expect_whole(binary(0x21, 0x00, v4_block), "the socket's peer");
}

// Section 2.2: the proxy's own connections, as for a health check; the family is ignored.
TEST(proxy_protocol, a_local_connection_leaves_the_peer_whatever_its_block) {
    expect_whole(binary(0x20, 0x00, ""), "the socket's peer");
    expect_whole(binary(0x20, 0x11, v4_block), "the socket's peer");
    expect_whole(binary(0x20, 0x11, "short"), "the socket's peer");
    expect_whole(binary(0x20, 0xFF, "x"), "the socket's peer");
}

TEST(proxy_protocol, no_other_version_or_command_is_known) {
    for (int byte = 0; byte < 256; ++byte) {
        const auto bytes = signature + static_cast<char>(byte);
        if (byte == 0x20 || byte == 0x21)
            EXPECT_EQ(told(read(bytes)), "more") << byte;
        else
            expect_malformed_at_the_end(bytes);
    }
}

TEST(proxy_protocol, no_other_family_or_transport_is_known) {
    for (int byte = 0; byte < 256; ++byte) {
        const auto bytes = signature + '\x21' + static_cast<char>(byte);
        if (byte == 0x00 || byte == 0x11 || byte == 0x21 || byte == 0x31)
            EXPECT_EQ(told(read(bytes)), "more") << byte;
        else
            expect_malformed_at_the_end(bytes);
    }
}

TEST(proxy_protocol, a_block_shorter_than_its_addresses_is_malformed) {
    const auto start = [](int family, std::size_t length) {
        return binary(0x21, family, std::string(length, 'x')).substr(0, 16);
    };
    expect_malformed_at_the_end(start(0x11, 0));
    expect_malformed_at_the_end(start(0x11, 11));
    expect_malformed_at_the_end(start(0x21, 35));
    expect_malformed_at_the_end(start(0x31, 215));
}

TEST(proxy_protocol, a_block_has_2048_bytes_at_most) {
    const auto filler = [](std::size_t size) { return std::string(size - v4_block.size(), 'x'); };
    const auto longest = binary(0x21, 0x11, v4_block + filler(max_proxy_block));
    EXPECT_EQ(longest.size(), max_proxy_header);
    expect_whole(longest, "1.2.3.4:4660");
    const auto too_long = binary(0x21, 0x11, v4_block + filler(max_proxy_block + 1));
    expect_malformed_at_the_end(too_long.substr(0, 16));
}

// --- Random pieces and bytes ---

const std::vector<std::string>& samples() {
    static const std::vector<std::string> all{
        "PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n",
        "PROXY TCP6 2001:db8::1 2001:db8::ffff:1.2.3.4 65535 0\r\n",
        "PROXY UNKNOWN\r\n",
        "PROXY UNKNOWN ::1 ::1 1 1\r\n",
        binary(0x20, 0x00, "abc"),
        binary(0x21, 0x11, v4_block),
        binary(0x21, 0x21, v6_block + "tail"),
        binary(0x21, 0x31, std::string(216, '/')),
    };
    return all;
}

std::string answer_in_pieces(const std::string& bytes, std::mt19937& random) {
    std::string received;
    while (received.size() < bytes.size()) {
        received += bytes.substr(received.size(), random() % 9 + 1);
        const auto header = read(received);
        if (header.state != State::need_more) return told(header);
    }
    return "more";
}

TEST(proxy_protocol, however_the_bytes_are_cut_the_answer_is_the_same) {
    std::mt19937 random{107};
    for (int round = 0; round < 4000; ++round) {
        const auto bytes = samples()[random() % samples().size()] + request;
        ASSERT_EQ(answer_in_pieces(bytes, random), told(read(bytes))) << bytes;
    }
}

// With a byte or two changed, most are malformed; more bytes never make an answer another one.
TEST(proxy_protocol, an_answer_holds_whatever_comes_after_it) {
    constexpr std::string_view likely = " \r\n0129.:afPTU";
    std::mt19937 random{2};
    int malformed = 0;
    constexpr int rounds = 20'000;
    for (int round = 0; round < rounds; ++round) {
        auto bytes = samples()[random() % samples().size()];
        for (auto changes = random() % 3; changes > 0; --changes) {
            const auto likely_byte = likely[random() % likely.size()];
            const auto any_byte = static_cast<char>(random() & 0xFFU);
            bytes[random() % bytes.size()] = random() % 2 == 0 ? likely_byte : any_byte;
        }
        std::string answer = "more";
        for (std::size_t size = 0; size <= bytes.size(); ++size) {
            const auto next = told(read(bytes.substr(0, size)));
            ASSERT_NE(next, "inconsistent") << bytes;
            ASSERT_TRUE(answer == "more" || next == answer) << size << " bytes of " << bytes;
            answer = next;
        }
        malformed += answer == "malformed" ? 1 : 0;
    }
    EXPECT_GT(malformed, rounds / 5) << "the headers must not all be well-formed";
    EXPECT_LT(malformed, rounds * 4 / 5) << "nor all malformed";
}

TEST(proxy_protocol, noise_after_a_good_start_is_never_read_beyond_its_end) {
    std::mt19937 random{12};
    int answers[3] = {};
    for (int round = 0; round < 50'000; ++round) {
        const auto& sample = samples()[random() % samples().size()];
        auto bytes = sample.substr(0, random() % 17);
        for (auto left = random() % 40; left > 0; --left)
            bytes += static_cast<char>(random() & 0xFFU);
        const auto header = read(bytes);
        ASSERT_LE(header.size, bytes.size());
        ++answers[static_cast<int>(header.state)];
    }
    for (const int count : answers)
        EXPECT_GT(count, 100) << "each answer must come up";
}

}  // namespace
}  // namespace wsecho::protocol
