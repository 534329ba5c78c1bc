// Forwarded headers: whatever a client writes, the address that the nearest trusted proxy adds is
// the one that counts, and further trusted proxies change nothing; a list without quotes is read as
// a simple reference reads it.
#include "protocol/forwarded.h"

#include "reference_head.h"

namespace wsecho::fuzz {

namespace {

using protocol::Endpoint;
using protocol::ForwardedHeader;
using protocol::IpAddress;
using protocol::NetworkList;
using protocol::RequestHead;

const NetworkList& trusted() {
    static const NetworkList list = *NetworkList::parse("10.0.0.0/8 2001:db8::/32 unix");
    return list;
}
const IpAddress proxy = *IpAddress::parse("10.0.0.1");

struct Form {
    ForwardedHeader header;
    std::string_view name;
    std::string_view prefix;  // of an address in an element
};
constexpr Form forms[]{{ForwardedHeader::x_forwarded_for, "X-Forwarded-For", ""},
                       {ForwardedHeader::forwarded, "Forwarded", "for="}};

std::optional<Endpoint> client_of(const std::string& head_text, const Form& form) {
    const auto head = RequestHead::parse(head_text);
    require(head.has_value(), "the target writes heads only");
    const auto client = find_client(*head, form.header, proxy, trusted());
    require(client == find_client(*head, form.header, protocol::UnixPeer{}, trusted()),
            "a trusted peer on a Unix socket is believed as one with an address");
    require(!find_client(*head, form.header, *IpAddress::parse("192.0.2.1"), trusted()),
            "who is not trusted is not believed");
    return client;
}

std::string head_of(const std::vector<std::string>& values, std::string_view name) {
    std::string text = "GET / HTTP/1.1\r\n";
    for (const auto& value : values)
        text.append(name).append(": ").append(value).append("\r\n");
    return text + "\r\n";
}

// As a proxy adds an element: to the last line, or as a line of its own.
std::vector<std::string> with(std::vector<std::string> values, const std::string& element,
                              bool in_new_line) {
    if (in_new_line || values.empty())
        values.push_back(element);
    else
        values.back() += ", " + element;
    return values;
}

// Of a list without quotes: from the end, while the addresses are trusted.
std::optional<Endpoint> reference(const std::vector<std::string>& values) {
    std::vector<std::string> elements;
    for (const auto& value : values)
        for (const auto& element : split(value, ","))
            elements.push_back(trimmed(element));
    std::optional<Endpoint> client;
    for (std::size_t i = elements.size(); i-- > 0;) {
        const auto endpoint = Endpoint::parse(elements[i]);
        if (!endpoint || elements.size() - i > protocol::max_forwarded_elements) break;
        client = endpoint;
        if (!trusted().contains(endpoint->address)) break;
    }
    return client;
}

void check_form(const Form& form, const std::vector<std::string>& values, bool in_new_line) {
    const auto written = client_of(head_of(values, form.name), form);

    const std::string client = std::string{form.prefix} + "203.0.113.9";
    const auto seen = client_of(head_of(with(values, client, in_new_line), form.name), form);
    require(seen == Endpoint::parse("203.0.113.9"),
            "whatever the client wrote, it is what the proxy says that it is");

    std::size_t commas = values.size();
    for (const auto& value : values)
        commas += static_cast<std::size_t>(std::count(value.begin(), value.end(), ','));
    if (commas + 1 >= protocol::max_forwarded_elements) return;
    const std::string further = std::string{form.prefix} + "10.9.9.9";
    const auto behind = client_of(head_of(with(values, further, in_new_line), form.name), form);
    require(behind == (written ? written : Endpoint::parse("10.9.9.9")),
            "one more trusted proxy changes nothing, but that it is known itself");
}

}  // namespace

void check(View input) {
    Reader reader{input};
    const bool in_new_line = (reader.byte() & 1U) != 0;
    std::vector<std::string> values;
    bool quoted = false;
    while (!reader.empty()) {
        std::string value{reader.line()};
        if (!is_value_text(value)) return;
        quoted = quoted || value.find('"') != std::string::npos;
        values.push_back(std::move(value));
    }
    for (const Form& form : forms)
        check_form(form, values, in_new_line);
    if (!quoted)
        require(client_of(head_of(values, forms[0].name), forms[0]) == reference(values),
                "without quotes the client is the reference's");
}

}  // namespace wsecho::fuzz
