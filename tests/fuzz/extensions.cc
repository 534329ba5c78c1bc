// Extensions: what is offered in one line or in several is one list, and is read back from what it
// says; an agreement keeps within both the offer and what the server allows, and says so in its
// answer.
#include "protocol/extension_list.h"
#include "protocol/permessage_deflate.h"
#include "reference_head.h"

namespace wsecho::fuzz {

namespace {

using protocol::DeflateTerms;
using protocol::Extension;
using protocol::parse_extensions;

std::string text_of(const std::vector<Extension>& extensions) {
    std::string text;
    for (const Extension& extension : extensions) {
        text += (text.empty() ? "" : " , ") + extension.name;
        for (const auto& parameter : extension.parameters)
            text +=
                "; " + parameter.name + (parameter.value ? "=\"" + *parameter.value + "\"" : "");
    }
    return text;
}

bool are_equal(const std::vector<Extension>& left, const std::vector<Extension>& right) {
    return text_of(left) == text_of(right);
}

// The value of a parameter that stands there once at the most; "": it has none.
std::optional<std::string> parameter_of(const Extension& extension, std::string_view name) {
    for (const auto& parameter : extension.parameters)
        if (parameter.name == name) return parameter.value.value_or("");
    return std::nullopt;
}

// What a client makes of the answer to its offer (RFC 7692, section 7.1).
DeflateTerms terms_of(const Extension& answer) {
    const auto bits = [&](std::string_view name) {
        return std::stoi(parameter_of(answer, name).value_or("15"));
    };
    return {{bits("server_max_window_bits"), !parameter_of(answer, "server_no_context_takeover")},
            {bits("client_max_window_bits"), !parameter_of(answer, "client_no_context_takeover")}};
}

// May a client that has made this offer be given this answer?
void judge_answer(const Extension& offer, const Extension& answer) {
    require(offer.name == "permessage-deflate" && answer.name == offer.name, "it is the extension");
    const auto server_bits = parameter_of(offer, "server_max_window_bits");
    if (server_bits)
        require(terms_of(answer).server.window_bits <= std::stoi(*server_bits) &&
                    parameter_of(answer, "server_max_window_bits"),
                "the server keeps to the window that it was asked for, and says so");
    if (parameter_of(offer, "server_no_context_takeover"))
        require(!terms_of(answer).server.takes_over, "the server forgets where it was asked to");
    if (parameter_of(offer, "client_no_context_takeover"))
        require(!terms_of(answer).client.takes_over, "the client forgets where it said so");
    const auto client_bits = parameter_of(offer, "client_max_window_bits");
    require(client_bits || !parameter_of(answer, "client_max_window_bits"),
            "who did not offer client_max_window_bits is not told a bound");
    if (client_bits && !client_bits->empty())
        require(terms_of(answer).client.window_bits <= std::stoi(*client_bits),
                "the client's window is no larger than it offered");
}

bool is_within(const protocol::DeflateContext& terms, const protocol::DeflateContext& allowed) {
    return terms.window_bits <= allowed.window_bits && (allowed.takes_over || !terms.takes_over);
}

void negotiate(const std::vector<Extension>& offers, const DeflateTerms& allowed) {
    const auto agreement = protocol::agree_on_deflate(offers, allowed);
    if (!agreement) return;
    const auto& terms = agreement->terms;
    require(terms.server.window_bits >= protocol::min_window_bits, "zlib has the window");
    require(is_within(terms.server, allowed.server) && is_within(terms.client, allowed.client),
            "no more is agreed on than is allowed");
    const auto answer = parse_extensions(agreement->answer);
    require(answer && answer->size() == 1, "the answer is one extension");
    require(terms_of(answer->front()) == terms,
            "the client reads out of the answer what was agreed on");
    for (const Extension& offer : offers) {
        // The first that can be kept: those before it are of no use alone.
        const auto alone = protocol::agree_on_deflate(std::span{&offer, 1}, allowed);
        if (!alone) continue;
        require(alone->answer == agreement->answer, "the first offer that can be kept is taken");
        return judge_answer(offer, answer->front());
    }
    require(false, "an agreement is about one of the offers");
}

// The same elements, in a line of the header for each: what is cut at a comma out of quotes.
std::string lines_of(std::string_view list) {
    std::string head = "GET / HTTP/1.1\r\nSec-WebSocket-Extensions: ";
    bool in_quotes = false;
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (list[i] == '"') in_quotes = !in_quotes;
        if (list[i] == '\\' && in_quotes && i + 1 < list.size()) head += list[i++];
        if (list[i] == ',' && !in_quotes)
            head += "\r\nsec-websocket-EXTENSIONS: ";
        else
            head += list[i];
    }
    return head + "\r\n\r\n";
}

}  // namespace

void check(View input) {
    Reader reader{input};
    const std::uint8_t first = reader.byte();
    const std::uint8_t second = reader.byte();
    const DeflateTerms allowed{{9 + first % 7, (first & 0x80U) != 0},
                               {9 + second % 7, (second & 0x80U) != 0}};
    const auto text = wsecho::fuzz::text_of(reader.rest());

    const auto extensions = parse_extensions(text);
    if (is_value_text(text)) {
        const std::string head_text = lines_of(text);
        const auto head = protocol::RequestHead::parse(head_text);
        require(head.has_value(), "the lines are a head");
        const auto of_lines = parse_extensions(*head);
        require(of_lines.has_value() == extensions.has_value(),
                "many lines are right where one is");
        if (extensions) require(are_equal(*of_lines, *extensions), "many lines are one list");
    }
    if (!extensions) return;
    for (const Extension& extension : *extensions) {
        require(is_token_text(extension.name), "a name is a token");
        for (const auto& parameter : extension.parameters)
            require(is_token_text(parameter.name) && is_token_text(parameter.value.value_or("1")),
                    "parameters are tokens, quoted or not");
    }
    const auto again = parse_extensions(text_of(*extensions));
    require(again && are_equal(*again, *extensions), "what is read is written and read again");
    negotiate(*extensions, allowed);
}

}  // namespace wsecho::fuzz
