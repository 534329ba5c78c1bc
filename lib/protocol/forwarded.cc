// Walks the elements of X-Forwarded-For and Forwarded from the last to the first.
#include "protocol/forwarded.h"

#include <algorithm>
#include <string_view>

#include "protocol/http_text.h"

namespace wsecho::protocol {

namespace {

// Is the quote at `at` a part of the text within quotes (RFC 9110, section 5.6.4)?
bool is_escaped(std::string_view text, std::size_t at) noexcept {
    std::size_t backslashes = 0;
    while (backslashes < at && text[at - backslashes - 1] == '\\')
        ++backslashes;
    return backslashes % 2 == 1;
}

// Takes the last element off a list with commas between its elements, of which quotes may hold
// some. It looks for quotes from the end, too: a quote that a client has left open must not
// swallow what a proxy has added.
std::string_view take_last_element(std::optional<std::string_view>& list) noexcept {
    const auto text = *list;
    bool in_quotes = false;
    for (std::size_t at = text.size(); at-- > 0;) {
        if (text[at] == '"' && !is_escaped(text, at)) in_quotes = !in_quotes;
        if (text[at] != ',' || in_quotes) continue;
        list = text.substr(0, at);
        return trim(text.substr(at + 1));
    }
    list = std::nullopt;
    return trim(text);
}

// The elements of a header, of all its lines, from the last to the first.
class ElementsFromEnd {
  public:
    ElementsFromEnd(const RequestHead& head, std::string_view name) noexcept
        : lines_{head.values(name)} {}

    std::optional<std::string_view> next() noexcept {
        if (!line_) line_ = lines_.take_last();
        if (!line_) return std::nullopt;
        return take_last_element(line_);
    }

  private:
    HeaderValues lines_;
    std::optional<std::string_view> line_;  // what is left of it; nothing when it is used up
};

// The end of the parameter that starts `element`: a ';' out of quotes, or the end.
std::size_t find_parameter_end(std::string_view element) noexcept {
    bool in_quotes = false;
    for (std::size_t at = 0; at < element.size(); ++at) {
        if (element[at] == '"') in_quotes = !in_quotes;
        if (element[at] == '\\' && in_quotes) ++at;
        if (at < element.size() && element[at] == ';' && !in_quotes) return at;
    }
    return element.size();
}

// An escaped character stays escaped: an address has none that would need it, and is then none.
std::string_view unquoted(std::string_view value) noexcept {
    if (value.size() < 2 || value.front() != '"' || value.back() != '"') return value;
    return value.substr(1, value.size() - 2);
}

// RFC 7239, section 4: the one parameter for= of an element. Proxies write spaces beside ';' and
// leave out the quotes that ':' and '[' need, neither of which makes it ambiguous.
std::optional<std::string_view> node_of(std::string_view element) noexcept {
    std::optional<std::string_view> node;
    while (!element.empty()) {
        const auto end = find_parameter_end(element);
        const auto parameter = trim(element.substr(0, end));
        element.remove_prefix(std::min(end + 1, element.size()));
        if (parameter.empty()) continue;
        const auto equals = parameter.find('=');
        if (equals == std::string_view::npos || !is_token(parameter.substr(0, equals)))
            return std::nullopt;
        if (!equal_ignoring_case(parameter.substr(0, equals), "for")) continue;
        if (node) return std::nullopt;  // no parameter may occur twice
        node = unquoted(parameter.substr(equals + 1));
    }
    return node;
}

// RFC 7239, section 6.3: letters, digits and "._-" after an underscore.
bool is_obfuscated(std::string_view text) noexcept {
    return text.size() > 1 && text.front() == '_' && is_token(text) &&
           text.find_first_of("!#$%&'*+^`|~") == std::string_view::npos;
}

// RFC 7239, section 6: an IPv6 address has brackets, and a port may be obfuscated.
std::optional<Endpoint> parse_node(std::string_view node) noexcept {
    const auto colon = node.rfind(':');
    if (colon != std::string_view::npos && is_obfuscated(node.substr(colon + 1)))
        node = node.substr(0, colon);
    if (node.substr(0, 1) != "[" && std::count(node.begin(), node.end(), ':') > 1)
        return std::nullopt;
    return Endpoint::parse(node);
}

std::optional<Endpoint> parse_element(std::string_view element, ForwardedHeader header) noexcept {
    if (header == ForwardedHeader::x_forwarded_for) return Endpoint::parse(element);
    const auto node = node_of(element);
    return node ? parse_node(*node) : std::nullopt;
}

// From a trusted peer on.
std::optional<Endpoint> walk(const RequestHead& head, ForwardedHeader header,
                             const NetworkList& trusted) noexcept {
    ElementsFromEnd elements{
        head, header == ForwardedHeader::x_forwarded_for ? "X-Forwarded-For" : "Forwarded"};
    std::optional<Endpoint> last_known;
    for (std::size_t seen = 0; seen < max_forwarded_elements; ++seen) {
        const auto element = elements.next();
        const auto endpoint = element ? parse_element(*element, header) : std::nullopt;
        if (!endpoint) break;
        last_known = endpoint;
        if (!trusted.contains(endpoint->address)) break;
    }
    return last_known;
}

}  // namespace

std::optional<Endpoint> find_client(const RequestHead& head, ForwardedHeader header,
                                    const IpAddress& peer, const NetworkList& trusted) noexcept {
    return trusted.contains(peer) ? walk(head, header, trusted) : std::nullopt;
}

std::optional<Endpoint> find_client(const RequestHead& head, ForwardedHeader header,
                                    UnixPeer /*peer*/, const NetworkList& trusted) noexcept {
    return trusted.trusts_unix() ? walk(head, header, trusted) : std::nullopt;
}

}  // namespace wsecho::protocol
