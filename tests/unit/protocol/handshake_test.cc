// Opening handshakes: each thing a request can do wrong, and the answers to the letter.
#include "protocol/handshake.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace wsecho::protocol {
namespace {

using namespace std::chrono_literals;

// The sample of RFC 6455 (section 1.2), from which a test takes away or adds to.
class Request {
  public:
    std::string line = "GET /chat HTTP/1.1";

    Request& set(const std::string& name, const std::string& value) {
        remove(name);
        return add(name, value);
    }
    Request& add(const std::string& name, const std::string& value) {
        fields_.emplace_back(name, value);
        return *this;
    }
    Request& remove(const std::string& name) {
        std::erase_if(fields_, [&](const auto& field) { return field.first == name; });
        return *this;
    }
    [[nodiscard]] std::string text() const {
        std::string text = line + "\r\n";
        for (const auto& [name, value] : fields_)
            text.append(name).append(": ").append(value).append("\r\n");
        return text + "\r\n";
    }

  private:
    std::vector<std::pair<std::string, std::string>> fields_{
        {"Host", "server.example.com"},   {"Upgrade", "websocket"},
        {"Connection", "Upgrade"},        {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
        {"Origin", "http://example.com"}, {"Sec-WebSocket-Version", "13"},
    };
};

// The status of the answer; 101 for a request that is upgraded.
unsigned status_of(const Request& request, bool is_served = true) {
    const std::string text = request.text();
    const auto head = RequestHead::parse(text);
    EXPECT_TRUE(head.has_value()) << text;
    const auto judged = judge_handshake(*head, is_served);
    const auto* refusal = std::get_if<Refusal>(&judged);
    if (refusal == nullptr) return 101;
    EXPECT_FALSE(refusal->why.empty());
    return static_cast<unsigned>(refusal->status);
}

Request request() {
    return {};
}

bool has_line(const std::string& response, const std::string& line) {
    return response.find("\r\n" + line + "\r\n") != std::string::npos;
}

TEST(handshake, the_sample_of_the_rfc_is_upgraded_with_its_key) {
    const std::string text = request().text();
    const auto judged = judge_handshake(*RequestHead::parse(text), true);
    ASSERT_TRUE(std::holds_alternative<Upgrade>(judged));
    EXPECT_EQ(std::get<Upgrade>(judged).key, "dGhlIHNhbXBsZSBub25jZQ==");
}

TEST(handshake, the_accept_input_is_the_key_and_the_guid_of_the_rfc) {
    EXPECT_EQ(accept_input("dGhlIHNhbXBsZSBub25jZQ=="),
              "dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
}

TEST(handshake, the_answer_to_the_sample_is_that_of_the_rfc) {
    EXPECT_EQ(response_of(Acceptance{}, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
              "HTTP/1.1 101 Switching Protocols\r\n"
              "Upgrade: websocket\r\n"
              "Connection: Upgrade\r\n"
              "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
}

TEST(handshake, only_http_1_1_will_do) {
    for (const char* version : {"HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/1.2"}) {
        Request asked;
        asked.line = std::string{"GET /chat "} + version;
        EXPECT_EQ(status_of(asked), 400U) << version;
    }
}

TEST(handshake, only_get_will_do) {
    for (const char* method : {"POST", "HEAD", "OPTIONS", "CONNECT", "get"}) {
        Request asked;
        asked.line = std::string{method} + " /chat HTTP/1.1";
        EXPECT_EQ(status_of(asked), 405U) << method;
    }
}

TEST(handshake, exactly_one_host_is_needed) {
    EXPECT_EQ(status_of(request().remove("Host")), 400U);
    EXPECT_EQ(status_of(request().add("Host", "server.example.com")), 400U);
}

TEST(handshake, a_path_that_is_not_served_is_not_found) {
    EXPECT_EQ(status_of(request(), false), 404U);
}

TEST(handshake, without_a_websocket_upgrade_one_is_required) {
    EXPECT_EQ(status_of(request().remove("Upgrade")), 426U);
    EXPECT_EQ(status_of(request().set("Upgrade", "h2c")), 426U);
    EXPECT_EQ(status_of(request().set("Upgrade", "h2c, WebSocket")), 101U);
}

TEST(handshake, the_connection_must_name_the_upgrade) {
    EXPECT_EQ(status_of(request().remove("Connection")), 400U);
    EXPECT_EQ(status_of(request().set("Connection", "keep-alive")), 400U);
    EXPECT_EQ(status_of(request().set("Connection", "keep-alive, upgrade")), 101U);
}

TEST(handshake, only_version_13_will_do) {
    EXPECT_EQ(status_of(request().remove("Sec-WebSocket-Version")), 426U);
    for (const char* version : {"8", "14", "013", "13, 8", "", "13.0"})
        EXPECT_EQ(status_of(request().set("Sec-WebSocket-Version", version)), 426U) << version;
}

// Section 11.3.5: the header "MUST NOT appear more than once in an HTTP request".
TEST(handshake, a_repeated_version_is_refused_in_either_order) {
    EXPECT_NE(status_of(request().add("Sec-WebSocket-Version", "8")), 101U);
    EXPECT_NE(
        status_of(request().set("Sec-WebSocket-Version", "8").add("Sec-WebSocket-Version", "13")),
        101U);
}

TEST(handshake, exactly_one_key_is_needed) {
    EXPECT_EQ(status_of(request().remove("Sec-WebSocket-Key")), 400U);
    EXPECT_EQ(status_of(request().add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")), 400U);
}

TEST(handshake, a_key_is_16_bytes_in_base64) {
    for (const char* key : {
             "",
             "short==",
             "dGhlIHNhbXBsZSBub25jZQ=",
             "dGhlIHNhbXBsZSBub25jZQ===",
             "dGhlIHNhbXBsZSBub25jZQAA",
             "dGhlIHNhbXBsZSBub25jZQ=a",
             "dGhlIHNhbXBsZSBub25jZ===",
             "dGhlIHNhbXBsZS Bub25jZ==",
             "dGhlIHNhbXBsZS-ub25jZQ==",
             "dGhlIHNhbXBsZS_ub25jZQ==",
         })
        EXPECT_EQ(status_of(request().set("Sec-WebSocket-Key", key)), 400U) << key;
    for (const char* key : {"AAAAAAAAAAAAAAAAAAAAAA==", "++++////zzzz0000ZZZZ9w=="})
        EXPECT_EQ(status_of(request().set("Sec-WebSocket-Key", key)), 101U) << key;
}

TEST(handshake, a_body_is_refused) {
    EXPECT_EQ(status_of(request().add("Content-Length", "5")), 400U);
    EXPECT_EQ(status_of(request().add("Transfer-Encoding", "chunked")), 400U);
    EXPECT_EQ(status_of(request().add("Content-Length", "0")), 101U);
}

TEST(handshake, a_body_behind_a_second_content_length_is_refused) {
    EXPECT_EQ(status_of(request().add("Content-Length", "0").add("Content-Length", "5")), 400U);
}

TEST(handshake, offered_extensions_and_protocols_are_passed_over) {
    EXPECT_EQ(status_of(request()
                            .add("Sec-WebSocket-Extensions", "permessage-deflate")
                            .add("Sec-WebSocket-Protocol", "chat, superchat")),
              101U);
}

// --- Pages ---

// 101: it may connect.
unsigned status_of_page(const std::string& lines, std::string_view origins = "same",
                        std::string_view hosts = "example.com") {
    const std::string text = "GET / HTTP/1.1\r\n" + lines + "\r\n";
    const auto refusal = judge_page(*OriginPolicy::parse(origins), *HostPolicy::parse(hosts), false,
                                    *RequestHead::parse(text));
    return refusal ? static_cast<unsigned>(refusal->status) : 101U;
}

TEST(handshake, a_page_needs_an_origin_that_may_connect_and_a_host_that_is_allowed) {
    EXPECT_EQ(status_of_page("Host: example.com\r\nOrigin: http://example.com\r\n"), 101U);
    EXPECT_EQ(status_of_page("Host: example.com\r\nOrigin: http://other.example\r\n"), 403U);
    EXPECT_EQ(status_of_page("Host: evil.example\r\nOrigin: http://evil.example\r\n"), 421U);
    EXPECT_EQ(status_of_page("Host: evil.example\r\nOrigin: http://other.example\r\n"), 403U);
}

TEST(handshake, the_host_counts_only_where_it_is_what_lets_the_page_in) {
    EXPECT_EQ(status_of_page("Host: evil.example\r\n"), 101U);
    EXPECT_EQ(status_of_page("Host: evil.example\r\nOrigin: http://a.example\r\n",
                             "same http://a.example"),
              101U);
    EXPECT_EQ(status_of_page("Host: evil.example\r\nOrigin: http://evil.example\r\n", "*"), 101U);
}

TEST(handshake, two_origins_are_no_page_s) {
    EXPECT_EQ(status_of_page("Host: example.com\r\nOrigin: http://example.com\r\n"
                             "Origin: http://example.com\r\n",
                             "* same"),
              403U);
}

// --- Answers to what is refused ---

TEST(handshake, a_refusal_is_a_whole_response_that_closes) {
    EXPECT_EQ(response_of(rejection_of({HttpStatus::not_found, "nothing here"}, 5s)),
              "HTTP/1.1 404 Not Found\r\n"
              "Content-Type: text/plain; charset=utf-8\r\n"
              "Content-Length: 13\r\n"
              "Connection: close\r\n\r\n"
              "nothing here\n");
}

TEST(handshake, every_refusal_has_its_status_line) {
    const auto first_line = [](HttpStatus status) {
        const std::string response = response_of(rejection_of({status, "why"}, 5s));
        return response.substr(0, response.find("\r\n"));
    };
    EXPECT_EQ(first_line(HttpStatus::bad_request), "HTTP/1.1 400 Bad Request");
    EXPECT_EQ(first_line(HttpStatus::not_found), "HTTP/1.1 404 Not Found");
    EXPECT_EQ(first_line(HttpStatus::method_not_allowed), "HTTP/1.1 405 Method Not Allowed");
    EXPECT_EQ(first_line(HttpStatus::request_timeout), "HTTP/1.1 408 Request Timeout");
    EXPECT_EQ(first_line(HttpStatus::misdirected_request), "HTTP/1.1 421 Misdirected Request");
    EXPECT_EQ(first_line(HttpStatus::upgrade_required), "HTTP/1.1 426 Upgrade Required");
    EXPECT_EQ(first_line(HttpStatus::header_fields_too_large),
              "HTTP/1.1 431 Request Header Fields Too Large");
    EXPECT_EQ(first_line(HttpStatus::service_unavailable), "HTTP/1.1 503 Service Unavailable");
}

TEST(handshake, method_not_allowed_says_which_is) {
    EXPECT_TRUE(has_line(response_of(rejection_of({HttpStatus::method_not_allowed, "w"}, 5s)),
                         "Allow: GET"));
}

TEST(handshake, upgrade_required_says_to_what) {
    const std::string response = response_of(rejection_of({HttpStatus::upgrade_required, "w"}, 5s));
    EXPECT_TRUE(has_line(response, "Upgrade: websocket"));
    EXPECT_TRUE(has_line(response, "Sec-WebSocket-Version: 13"));
}

TEST(handshake, service_unavailable_alone_says_when_to_come_back) {
    EXPECT_TRUE(has_line(response_of(rejection_of({HttpStatus::service_unavailable, "w"}, 7s)),
                         "Retry-After: 7"));
    EXPECT_EQ(response_of(rejection_of({HttpStatus::bad_request, "w"}, 7s)).find("Retry-After"),
              std::string::npos);
}

}  // namespace
}  // namespace wsecho::protocol
