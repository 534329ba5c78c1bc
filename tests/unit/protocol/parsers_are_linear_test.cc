// Heads, extensions, addresses and other texts cost as much as they are long: linear_cost.h.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "protocol/base64.h"
#include "protocol/client_handshake.h"
#include "protocol/extension_list.h"
#include "protocol/forwarded.h"
#include "protocol/handshake.h"
#include "protocol/head_end.h"
#include "protocol/http_text.h"
#include "protocol/ip_network.h"
#include "protocol/linear_cost.h"
#include "protocol/list.h"
#include "protocol/origin.h"
#include "protocol/permessage_deflate.h"
#include "protocol/proxy_protocol.h"
#include "protocol/url.h"
#include "protocol/utf8.h"

namespace wsecho::protocol {
namespace {

using namespace std::string_literals;
using test::calls;
using test::Case;
using test::repeated;
using test::Work;

std::string request_with(const std::string& lines) {
    return "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
           lines + "\r\n";
}

// A check of a request with these lines, beyond its parsing.
template <class Use>
Work on_request(const std::string& lines, Use use) {
    return calls([text = request_with(lines), use] { return use(*RequestHead::parse(text)); });
}

template <class Use>
Work on_text(std::string text, Use use) {
    return calls([text = std::move(text), use] { return use(std::string_view{text}); });
}

// --- Heads ---

constexpr auto find_end_byte_by_byte = [](std::string_view text) {
    HeadEnd end;
    std::size_t found = 0;
    for (std::size_t size = 1; size <= text.size(); ++size)
        found += end.find(text.substr(0, size)).value_or(0);
    return found;
};

constexpr auto parse_request = [](std::string_view text) { return RequestHead::parse(text); };

constexpr auto judge = [](const RequestHead& head) {
    return judge_handshake(head, true).index() +
           (judge_page(OriginPolicy{}, HostPolicy{}, true, head) ? 1 : 0);
};

constexpr auto take_all_from_the_end = [](const RequestHead& head) {
    auto values = head.values("X");
    std::size_t size = 0;
    while (const auto value = values.take_last())
        size += value->size();
    return size;
};

const Case heads[] = {
    {"end_of_a_head_byte_by_byte", 512,
     [](std::size_t size) { return on_text(repeated("a: b\r\n", size), find_end_byte_by_byte); }},
    {"end_of_one_long_line_byte_by_byte", 512,
     [](std::size_t size) { return on_text(std::string(size, 'a'), find_end_byte_by_byte); }},
    {"end_of_carriage_returns_byte_by_byte", 512,
     [](std::size_t size) { return on_text(repeated("\r", size), find_end_byte_by_byte); }},
    {"request_of_many_lines", 512,
     [](std::size_t size) {
         return on_text(request_with(repeated("a:\r\n", size)), parse_request);
     }},
    {"request_of_one_long_line", 512,
     [](std::size_t size) {
         return on_text(request_with("a: " + repeated(" :", size) + "\r\n"), parse_request);
     }},
    {"request_of_a_long_target", 512,
     [](std::size_t size) {
         return on_text("GET http://" + repeated("/?:", size) + " HTTP/1.1\r\n\r\n", parse_request);
     }},
    {"response_of_many_lines", 512,
     [](std::size_t size) {
         return on_text("HTTP/1.1 101 a\r\n" + repeated("a:\r\n", size) + "\r\n",
                        [](std::string_view text) { return ResponseHead::parse(text); });
     }},
    {"all_values_of_a_header_from_the_end", 512,
     [](std::size_t size) { return on_request(repeated("X:\r\n", size), take_all_from_the_end); }},
    {"list_of_many_lines", 512,
     [](std::size_t size) {
         return on_request(repeated("X: a\r\n", size),
                           [](const RequestHead& head) { return head.list("X"); });
     }},
    {"token_in_a_long_list", 512,
     [](std::size_t size) {
         return on_request("X: " + repeated(", ,", size) + "\r\n",
                           [](const RequestHead& head) { return head.has_token("X", "a"); });
     }},
    {"handshake_of_many_lines", 512,
     [](std::size_t size) { return on_request(repeated("Origin: a\r\n", size), judge); }},
    {"offered_subprotocols", 512,
     [](std::size_t size) {
         return on_request("Sec-WebSocket-Protocol: " + repeated("a,", size) + "\r\n",
                           [](const RequestHead& head) {
                               return problem_of(Acceptance{"b", {}}, head);
                           });
     }},
};

// --- Extensions ---

constexpr auto parse_all_extensions = [](const RequestHead& head) {
    return parse_extensions(head);
};

constexpr auto agree = [](const RequestHead& head) {
    return agree_on_deflate(*parse_extensions(head), DeflateTerms{});
};

std::string extensions(const std::string& value) {
    return "Sec-WebSocket-Extensions: " + value + "\r\n";
}

const Case extension_lists[] = {
    {"extensions_in_many_lines", 2048,
     [](std::size_t size) {
         return on_request(repeated(extensions("a"), size), parse_all_extensions);
     }},
    {"extensions_in_many_lines_between_others", 2048,
     [](std::size_t size) {
         return on_request(repeated("a:\r\n"s + extensions(""), size), parse_all_extensions);
     }},
    {"extensions_in_one_line", 512,
     [](std::size_t size) {
         return on_request(extensions(repeated("a,", size)), parse_all_extensions);
     }},
    {"commas_without_extensions", 512,
     [](std::size_t size) {
         return on_request(extensions(repeated(", ", size)), parse_all_extensions);
     }},
    {"parameters_of_one_extension", 512,
     [](std::size_t size) {
         return on_request(extensions("permessage-deflate" + repeated(";a=b", size)), agree);
     }},
    {"quoted_value", 512,
     [](std::size_t size) {
         return on_request(extensions("a;b=\"" + repeated("\\c", size) + "\""),
                           parse_all_extensions);
     }},
    {"offers_of_compression", 2048,
     [](std::size_t size) {
         return on_request(
             extensions(repeated("permessage-deflate;server_max_window_bits=8,", size)), agree);
     }},
    {"offers_of_compression_in_many_lines", 2048,
     [](std::size_t size) {
         return on_request(
             repeated(extensions("permessage-deflate;server_max_window_bits=8"), size), agree);
     }},
};

// --- Addresses, origins, proxies ---

Work finds_client(ForwardedHeader header, const std::string& lines) {
    return on_request(lines, [header](const RequestHead& head) {
        return find_client(head, header, *IpAddress::parse("127.0.0.1"),
                           *NetworkList::parse("loopback"));
    });
}

constexpr auto read_proxy_header_byte_by_byte = [](std::string_view text) {
    std::size_t whole = 0;
    for (std::size_t size = 1; size <= text.size(); ++size)
        whole += parse_proxy_header(text.substr(0, size)).size;
    return whole;
};

std::string proxy_block(std::size_t size) {
    std::string text{"\r\n\r\n\0\r\nQUIT\n\x21\x00", 14};
    text += static_cast<char>(size >> 8U);
    text += static_cast<char>(size & 0xFFU);
    return text + std::string(size, '\0');
}

constexpr auto parse_origin = [](std::string_view text) { return Origin::parse(text); };
constexpr auto parse_url = [](std::string_view text) { return Url::parse(text); };
constexpr auto parse_endpoint = [](std::string_view text) { return Endpoint::parse(text); };

// A PROXY line of version 1 is not here: it is read anew with each byte, and at most 107 bytes
// long.
const Case addresses[] = {
    {"x_forwarded_for_in_many_lines", 512,
     [](std::size_t size) {
         return finds_client(ForwardedHeader::x_forwarded_for,
                             repeated("X-Forwarded-For: ::1\r\n", size));
     }},
    {"x_forwarded_for_with_many_lines_before_it", 512,
     [](std::size_t size) {
         return finds_client(
             ForwardedHeader::x_forwarded_for,
             repeated("a:\r\n", size) + repeated("X-Forwarded-For: ::1\r\n", size / 4));
     }},
    {"x_forwarded_for_in_one_line", 512,
     [](std::size_t size) {
         return finds_client(ForwardedHeader::x_forwarded_for,
                             "X-Forwarded-For: " + repeated("::1,", size) + "::1\r\n");
     }},
    {"forwarded_with_escaped_quotes", 512,
     [](std::size_t size) {
         return finds_client(ForwardedHeader::forwarded,
                             "Forwarded: for=\"" + repeated("\\\\\\\"", size) + "\"\r\n");
     }},
    {"forwarded_with_many_parameters", 512,
     [](std::size_t size) {
         return finds_client(ForwardedHeader::forwarded,
                             "Forwarded: " + repeated("a=b;", size) + "for=::1\r\n");
     }},
    {"proxy_header_byte_by_byte", 512,
     [](std::size_t size) { return on_text(proxy_block(size), read_proxy_header_byte_by_byte); }},
    {"origin", 512,
     [](std::size_t size) { return on_text("http://" + repeated("a.", size), parse_origin); }},
    {"origin_of_brackets", 512,
     [](std::size_t size) { return on_text("http://" + repeated("[:]", size), parse_origin); }},
    {"origins_that_may_connect", 512,
     [](std::size_t size) {
         return on_text(repeated("http://*.a,", size), [](std::string_view text) {
             return OriginPolicy::parse(text)->allows("http://b", "c");
         });
     }},
    {"url", 512,
     [](std::size_t size) { return on_text("ws://a/" + repeated("?/", size), parse_url); }},
    {"url_with_user_info", 512,
     [](std::size_t size) { return on_text("ws://" + repeated("%41:", size) + "@a", parse_url); }},
    {"url_with_many_at_signs", 512,
     [](std::size_t size) { return on_text("ws://" + repeated("@", size) + "a", parse_url); }},
    {"address_of_many_groups", 512,
     [](std::size_t size) { return on_text(repeated("0:", size), parse_endpoint); }},
    {"address_of_many_dots", 512,
     [](std::size_t size) { return on_text("::" + repeated(".", size), parse_endpoint); }},
    {"address_with_a_long_zone", 512,
     [](std::size_t size) { return on_text("[::1%" + repeated("%", size) + "]", parse_endpoint); }},
    {"networks", 512,
     [](std::size_t size) {
         return on_text(repeated("10.0.0.0/8 ", size), [](std::string_view text) {
             return NetworkList::parse(text)->contains(*IpAddress::parse("::1"));
         });
     }},
};

// --- Texts ---

const Case texts[] = {
    {"token", 512, [](std::size_t size) { return on_text(repeated("~", size), is_token); }},
    {"field_value", 512,
     [](std::size_t size) { return on_text(repeated("\t", size), is_field_value); }},
    {"white_space", 512, [](std::size_t size) { return on_text(repeated(" \t", size), trim); }},
    {"equal_texts", 512,
     [](std::size_t size) {
         return on_text(repeated("aB", size),
                        [](std::string_view text) { return equal_ignoring_case(text, text); });
     }},
    {"elements_of_a_list", 512,
     [](std::size_t size) {
         return on_text(repeated("a, ", size), [](std::string_view text) {
             return for_each_element(text, " ,",
                                     [](std::string_view each) { return !each.empty(); });
         });
     }},
    {"base64", 512,
     [](std::size_t size) {
         return on_text(repeated("a", size), [](std::string_view text) { return to_base64(text); });
     }},
    {"subprotocols_to_ask_for", 1024,
     [](std::size_t size) {
         ClientRequest request;
         for (std::size_t i = 0; i < size / 8; ++i)
             request.subprotocols.push_back("p" + std::to_string(100'000 + i));
         return calls([request] { return problem_of(request); });
     }},
    {"request_to_send", 1024,
     [](std::size_t size) {
         ClientRequest request;
         for (std::size_t i = 0; i < size / 8; ++i)
             request.headers.push_back({"a", "b"});
         return calls([request] { return request_text(request, *Url::parse("ws://a"), "key"); });
     }},
    {"answer_of_many_lines", 512,
     [](std::size_t size) {
         return on_text("HTTP/1.1 101 a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
                            repeated("Sec-WebSocket-Accept: a\r\n", size) + "\r\n",
                        [](std::string_view text) {
                            return judge_answer(*ResponseHead::parse(text), {}, "a").index();
                        });
     }},
    {"utf8", 512,
     [](std::size_t size) {
         return on_text(repeated("a\xC3\xA9\xF0\x9F\x98\x80", size), [](std::string_view text) {
             return is_utf8({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
         });
     }},
    {"utf8_byte_by_byte", 512,
     [](std::size_t size) {
         return on_text(repeated("\xF0\x9F\x98\x80", size), [](std::string_view text) {
             Utf8Validator validator;
             bool is_right = true;
             for (const char& byte : text)
                 is_right &= validator.feed({reinterpret_cast<const std::uint8_t*>(&byte), 1});
             return is_right;
         });
     }},
};

class Parser : public test::Cost {};

TEST_P(Parser, costs_as_much_as_its_input_is_long) {
    expect_linear();
}

INSTANTIATE_TEST_SUITE_P(of_heads, Parser, ::testing::ValuesIn(heads), test::name_of);
INSTANTIATE_TEST_SUITE_P(of_extensions, Parser, ::testing::ValuesIn(extension_lists),
                         test::name_of);
INSTANTIATE_TEST_SUITE_P(of_addresses, Parser, ::testing::ValuesIn(addresses), test::name_of);
INSTANTIATE_TEST_SUITE_P(of_texts, Parser, ::testing::ValuesIn(texts), test::name_of);

}  // namespace
}  // namespace wsecho::protocol
