// URLs: what is read is written and read again; requests for it are heads that say what the URL
// says, and nothing in it can begin a line of its own.
#include "protocol/client_handshake.h"
#include "protocol/head_end.h"
#include "protocol/http_connect.h"
#include "protocol/request_head.h"
#include "protocol/url.h"
#include "reference_head.h"

namespace wsecho::fuzz {

namespace {

using protocol::RequestHead;
using protocol::Url;

std::string encoded(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string to;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        to += {'%', digits[byte >> 4U], digits[byte & 0xFU]};
    }
    return to;
}

bool is_equal(const Url& left, const Url& right) {
    return left.scheme == right.scheme && left.host == right.host && left.port == right.port &&
           left.target == right.target && left.text == right.text;
}

void check_parts(const Url& url) {
    require(url.port != 0 && !url.host.empty() && url.target.starts_with('/'),
            "a URL has its parts");
    require(is_value_text(url.user_info), "credentials can stand in a header");
    for (const auto* part : {&url.host, &url.target, &url.text})
        for (const char c : *part)
            require(c > ' ' && c < 0x7F, "all of it is visible ASCII");
    require(url.authority().ends_with(":" + std::to_string(url.port)), "an authority has the port");
    const bool usual = url.port == (url.is_secure() ? 443 : 80);
    require(url.host_header() ==
                (usual ? url.authority().substr(0, url.authority().rfind(':')) : url.authority()),
            "a Host has the port where it is not the scheme's");
}

void read_request(const Url& url) {
    const std::string text = protocol::request_text({{"chat"}, {{"X-Mine", "1"}}}, url, "the key");
    require(protocol::HeadEnd{}.find(text) == text.size(), "a request is one head");
    const auto head = RequestHead::parse(text);
    require(head && head->method() == "GET" && head->header("Host") == url.host_header(),
            "a request is for the host of the URL");
    const std::string query = head->query().empty() ? "" : "?" + std::string{head->query()};
    require(std::string{head->path()} + query == url.target || url.target.ends_with('?'),
            "a request is for the target of the URL");
    require(head->fields().size() == (url.user_info.empty() ? 7U : 8U), "and has no more headers");
    require(head->count("Authorization") == (url.user_info.empty() ? 0U : 1U),
            "credentials go into a header of their own");
}

void read_connect(const Url& url) {
    const std::string text = protocol::connect_request(url, *Url::parse("http://u:p@proxy:3128"));
    require(protocol::HeadEnd{}.find(text) == text.size(), "a request for a tunnel is one head");
    const auto head = Head::read(text);
    require(head && head->first_line == "CONNECT " + url.authority() + " HTTP/1.1",
            "a tunnel is to the host and port of the URL");
}

}  // namespace

void check(View input) {
    const auto text = text_of(input);
    const auto url = Url::parse(text);
    if (!url) return;
    check_parts(*url);
    const auto again = Url::parse(url->text);
    require(again && is_equal(*again, *url) && again->user_info.empty(),
            "the text of a URL is the URL without its credentials");

    const auto behind_scheme = url->text.find("://") + 3;
    std::string with_credentials = url->text;
    with_credentials.insert(behind_scheme, encoded(url->user_info) + "@");
    const auto whole = Url::parse(with_credentials);
    require(whole && is_equal(*whole, *url) && whole->user_info == url->user_info,
            "credentials are decoded from what they are encoded to");
    read_request(*url);
    read_connect(*url);
}

}  // namespace wsecho::fuzz
