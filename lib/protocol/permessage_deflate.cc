#include "protocol/permessage_deflate.h"

#include <algorithm>
#include <string_view>

namespace wsecho::protocol {

namespace {

constexpr std::string_view extension_name = "permessage-deflate";
constexpr std::string_view server_no_context_takeover = "server_no_context_takeover";
constexpr std::string_view client_no_context_takeover = "client_no_context_takeover";
constexpr std::string_view server_max_window_bits = "server_max_window_bits";
constexpr std::string_view client_max_window_bits = "client_max_window_bits";

// What a client writes in one offer.
struct Offer {
    bool is_server_to_forget = false;
    bool does_client_forget = false;
    std::optional<int> server_bits;
    bool can_bound_client = false;
    int client_bits = max_window_bits;
};

// Sections 7.1.2.1 and 7.1.2.2: 8 to 15, without leading zeros.
std::optional<int> parse_bits(const std::optional<std::string>& value) noexcept {
    if (!value) return std::nullopt;
    if (*value == "8" || *value == "9") return value->front() - '0';
    if (value->size() == 2 && value->front() == '1' && value->back() >= '0' && value->back() <= '5')
        return 10 + (value->back() - '0');
    return std::nullopt;
}

// Sections 7.1.1.1 and 7.1.1.2: without a value.
bool read_flag(const ExtensionParameter& parameter, bool& flag) noexcept {
    flag = true;
    return !parameter.value;
}

bool read_parameter(const ExtensionParameter& parameter, Offer& offer) noexcept {
    if (parameter.name == server_no_context_takeover)
        return read_flag(parameter, offer.is_server_to_forget);
    if (parameter.name == client_no_context_takeover)
        return read_flag(parameter, offer.does_client_forget);
    const auto bits = parse_bits(parameter.value);
    if (parameter.name == server_max_window_bits) {
        offer.server_bits = bits;
        return bits.has_value();
    }
    if (parameter.name != client_max_window_bits) return false;
    offer.can_bound_client = true;
    offer.client_bits = bits.value_or(max_window_bits);
    return bits || !parameter.value;
}

bool is_named_twice(const std::vector<ExtensionParameter>& parameters) noexcept {
    for (auto each = parameters.begin(); each != parameters.end(); ++each)
        if (std::any_of(parameters.begin(), each,
                        [&](const auto& before) { return before.name == each->name; }))
            return true;
    return false;
}

// Nothing where section 7 has it declined.
std::optional<Offer> read_offer(const Extension& extension) {
    // No offer that is right has more; so a long one is not looked at for long.
    constexpr std::size_t known_parameters = 4;
    const auto& parameters = extension.parameters;
    if (extension.name != extension_name || parameters.size() > known_parameters ||
        is_named_twice(parameters))
        return std::nullopt;
    Offer offer;
    for (const ExtensionParameter& parameter : parameters)
        if (!read_parameter(parameter, offer)) return std::nullopt;
    return offer;
}

std::optional<DeflateTerms> terms_within(const Offer& offer, const DeflateTerms& allowed) {
    DeflateTerms terms;
    terms.server.window_bits =
        std::min(offer.server_bits.value_or(max_window_bits), allowed.server.window_bits);
    terms.client.window_bits = std::min(offer.client_bits, allowed.client.window_bits);
    terms.server.takes_over = allowed.server.takes_over && !offer.is_server_to_forget;
    terms.client.takes_over = allowed.client.takes_over && !offer.does_client_forget;
    const bool is_client_too_free =
        !offer.can_bound_client && allowed.client.window_bits < max_window_bits;
    if (terms.server.window_bits < min_window_bits || is_client_too_free) return std::nullopt;
    return terms;
}

void append_flag(std::string& answer, std::string_view name) {
    answer.append("; ").append(name);
}

void append_bits(std::string& answer, std::string_view name, int bits) {
    answer.append("; ").append(name).append("=").append(std::to_string(bits));
}

// What was asked of the server has to be in the answer to be agreed on; what the server adds may
// be (section 7.1).
std::string answer_to(const Offer& offer, const DeflateTerms& terms) {
    std::string answer{extension_name};
    if (!terms.server.takes_over) append_flag(answer, server_no_context_takeover);
    if (!terms.client.takes_over) append_flag(answer, client_no_context_takeover);
    if (offer.server_bits || terms.server.window_bits < max_window_bits)
        append_bits(answer, server_max_window_bits, terms.server.window_bits);
    if (terms.client.window_bits < max_window_bits)
        append_bits(answer, client_max_window_bits, terms.client.window_bits);
    return answer;
}

}  // namespace

std::optional<DeflateAgreement> agree_on_deflate(std::span<const Extension> offers,
                                                 const DeflateTerms& allowed) {
    for (const Extension& extension : offers) {
        const auto offer = read_offer(extension);
        const auto terms = offer ? terms_within(*offer, allowed) : std::nullopt;
        if (terms) return DeflateAgreement{*terms, answer_to(*offer, *terms)};
    }
    return std::nullopt;
}

}  // namespace wsecho::protocol
