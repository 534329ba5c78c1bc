// HTTP heads the simple way (RFC 9112): cut into lines and fields, and looked at one character at a
// time.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <utility>

#include "fuzz.h"

namespace wsecho::fuzz {

using Field = std::pair<std::string, std::string>;

inline bool is_token_text(std::string_view text) {
    for (const char c : text) {
        const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        const bool is_digit = c >= '0' && c <= '9';
        if (!is_letter && !is_digit &&
            std::string_view{"!#$%&'*+-.^_`|~"}.find(c) == std::string_view::npos)
            return false;
    }
    return !text.empty();
}

inline bool is_value_text(std::string_view text) {
    for (const char c : text)
        if ((static_cast<unsigned char>(c) < ' ' && c != '\t') || c == 0x7F) return false;
    return true;
}

inline std::string trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return std::string{text};
}

inline std::string lower(std::string_view text) {
    std::string lowered{text};
    for (char& c : lowered)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return lowered;
}

inline std::vector<std::string> split(std::string_view text, std::string_view separator) {
    std::vector<std::string> parts;
    for (std::size_t end = 0; end != std::string_view::npos;) {
        end = text.find(separator);
        parts.emplace_back(text.substr(0, end));
        if (end != std::string_view::npos) text.remove_prefix(end + separator.size());
    }
    return parts;
}

struct Head {
    std::string first_line;
    std::vector<Field> fields;

    // Nothing where a line is no field. What stands behind an empty line is not looked at.
    static std::optional<Head> read(std::string_view text) {
        Head head;
        const auto lines = split(text, "\r\n");
        head.first_line = lines.front();
        for (std::size_t i = 1; i < lines.size() && !lines[i].empty(); ++i) {
            const auto colon = lines[i].find(':');
            if (colon == std::string::npos) return std::nullopt;
            const std::string name = lines[i].substr(0, colon);
            const std::string value = lines[i].substr(colon + 1);
            if (!is_token_text(name) || !is_value_text(value)) return std::nullopt;
            head.fields.emplace_back(name, trimmed(value));
        }
        return head;
    }

    [[nodiscard]] std::vector<std::string> values(std::string_view name) const {
        std::vector<std::string> found;
        for (const auto& [each, value] : fields)
            if (lower(each) == lower(name)) found.push_back(value);
        return found;
    }

    // The elements of all lines of a header, without empty ones.
    [[nodiscard]] std::vector<std::string> list(std::string_view name) const {
        std::vector<std::string> elements;
        for (const auto& value : values(name))
            for (const auto& element : split(value, ","))
                if (!trimmed(element).empty()) elements.push_back(trimmed(element));
        return elements;
    }

    [[nodiscard]] bool has_token(std::string_view name, std::string_view token) const {
        for (const auto& element : list(name))
            if (lower(element) == lower(token)) return true;
        return false;
    }
    [[nodiscard]] bool has_one(std::string_view name, std::string_view value) const {
        return values(name) == std::vector{std::string{value}};
    }
};

// Do HeaderLines, or a head, find what the reference finds?
template <class Lines>
void compare_fields(const Lines& lines, const Head& head) {
    const auto fields = lines.fields();
    require(fields.size() == head.fields.size(), "there are as many header fields");
    for (std::size_t i = 0; i < fields.size(); ++i)
        require(fields[i].name == head.fields[i].first && fields[i].value == head.fields[i].second,
                "a header field is that of the reference");
    std::set<std::string> seen;
    for (const auto& [name, _] : head.fields) {
        if (!seen.insert(lower(name)).second) continue;
        const auto values = head.values(name);
        require(lines.count(name) == values.size(), "a header is counted right");
        require(lines.header(lower(name)) == values.front(), "a header's first line is found");
        auto from_begin = lines.values(name);
        auto from_end = lines.values(name);
        for (std::size_t i = 0; i < values.size(); ++i) {
            require(from_begin.take_first() == values[i], "each line of a header is found");
            require(from_end.take_last() == values[values.size() - 1 - i], "from the end, too");
        }
        require(!from_begin.take_first() && !from_end.take_last(), "and no more of them");
        const auto expected = head.list(name);
        const auto list = lines.list(name);
        require(std::equal(list.begin(), list.end(), expected.begin(), expected.end()),
                "a list is that of all lines of its header");
        // Of many elements some, as each is looked for from the begin.
        for (std::size_t i = 0; i < expected.size(); i += 1 + expected.size() / 8)
            require(lines.has_token(name, lower(expected[i])), "each element of a list is found");
    }
}

}  // namespace wsecho::fuzz
