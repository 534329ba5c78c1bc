// Origins: a policy lets in what a simple reference lets in, in any case of the letters; none lets
// in what it does not name, whatever stands beside it.
#include "protocol/origin.h"
#include "reference_head.h"

namespace wsecho::fuzz {

namespace {

using protocol::Origin;
using protocol::OriginPolicy;

std::string text_of(const Origin& origin) {
    return lower(origin.scheme) + "://" + lower(origin.host) + ":" + std::to_string(origin.port);
}

// Is it one of the elements, of which each is a word, an origin or one with a wildcard?
bool reference(const std::vector<std::string>& elements, std::string_view origin,
               std::string_view host) {
    const auto parsed = Origin::parse(origin);
    for (const auto& element : elements) {
        if (element == "*" || (element == "null" && origin == "null")) return true;
        if (!parsed || origin == "null") continue;
        if (element == "same") {
            // The Host, with the scheme of the page: without a port it is the scheme's own.
            const std::string scheme = lower(parsed->scheme);
            const bool secure = scheme == "https" || scheme == "wss";
            const bool plain = scheme == "http" || scheme == "ws";
            const std::string usual = (secure ? "https://" : "http://") + std::string{host};
            const std::string unusual = "unknown://" + std::string{host};  // needs a port
            const auto own = Origin::parse(usual);
            const bool has_port = Origin::parse(unusual).has_value();
            if (own && (has_port || secure || plain) && lower(own->host) == lower(parsed->host) &&
                own->port == parsed->port)
                return true;
            continue;
        }
        const auto wildcard = element.find("://*.");
        const bool subdomains = wildcard != std::string::npos;
        std::string plain = element;  // "https://x.example.com" for "https://*.example.com"
        if (subdomains) plain[wildcard + 3] = 'x';
        const auto named = Origin::parse(plain);
        if (!named || named->port != parsed->port || lower(named->scheme) != lower(parsed->scheme))
            continue;
        const std::string host_named = lower(named->host);
        const std::string host_given = lower(parsed->host);
        if (subdomains ? host_given.size() >= host_named.size() &&
                             host_given.ends_with(host_named.substr(1))
                       : host_given == host_named)
            return true;
    }
    return false;
}

std::vector<std::string> elements_of(std::string_view policy) {
    std::vector<std::string> elements;
    for (const auto& part : split(policy, " "))
        for (const auto& element : split(part, ","))
            if (!element.empty()) elements.push_back(element);
    return elements;
}

void round_trip(std::string_view text) {
    const auto origin = Origin::parse(text);
    if (!origin) return;
    require(origin->port != 0 && !origin->host.empty() && !origin->scheme.empty(),
            "an origin has all three parts");
    const std::string written = text_of(*origin);
    const auto again = Origin::parse(written);
    require(again && text_of(*again) == written, "what is read is written and read again");
    if (written.find_first_of(" ,") != std::string::npos ||
        written.find("://*.") != std::string::npos)
        return;
    const auto alone = OriginPolicy::parse(written);
    require(alone && alone->allows(text, "another.example"), "a policy of this origin lets it in");
    require(!alone->allows(written + "0", "another.example") &&
                !alone->allows("null", "another.example") && !alone->allows("", "another.example"),
            "and no other");
}

}  // namespace

void check(View input) {
    Reader reader{input};
    const auto policy_text = reader.line();
    const auto origin = reader.line();
    const auto host = reader.line();
    round_trip(origin);

    const auto policy = OriginPolicy::parse(policy_text);
    const auto elements = elements_of(policy_text);
    if (elements.empty()) require(!policy, "an empty policy is a slip");
    if (!policy) return;
    const bool allowed = policy->allows(origin, host);
    require(allowed == reference(elements, origin, host),
            "a page is let in where the reference says so");
    if (origin != "null")
        require(allowed == policy->allows(lower(origin), lower(host)) || lower(origin) == "null",
                "the case of letters does not count");
    const std::string reversed = [&] {
        std::string text;
        for (auto each = elements.rbegin(); each != elements.rend(); ++each)
            text += *each + " ,";
        return text;
    }();
    require(OriginPolicy::parse(reversed)->allows(origin, host) == allowed, "nor does the order");
}

}  // namespace wsecho::fuzz
