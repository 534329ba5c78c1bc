#include "protocol/extension_list.h"

#include <algorithm>
#include <iterator>

#include "protocol/http_text.h"

namespace wsecho::protocol {

namespace {

// Reads a header from its front.
class Reader {
  public:
    explicit Reader(std::string_view text) noexcept : rest_(text) {}

    [[nodiscard]] bool at_end() noexcept {
        skip_space();
        return rest_.empty();
    }

    bool take(char wanted) noexcept {
        skip_space();
        if (rest_.empty() || rest_.front() != wanted) return false;
        rest_.remove_prefix(1);
        return true;
    }

    std::optional<std::string> take_token() {
        skip_space();
        const auto end = std::min(rest_.find_first_of(" \t,;=\""), rest_.size());
        const auto token = rest_.substr(0, end);
        if (!is_token(token)) return std::nullopt;
        rest_.remove_prefix(end);
        return std::string{token};
    }

    // Section 9.1: what stands within quotes has to be a token, too, once it is unescaped.
    std::optional<std::string> take_value() {
        if (!take('"')) return take_token();
        std::string value;
        while (!rest_.empty() && rest_.front() != '"') {
            if (rest_.front() == '\\') rest_.remove_prefix(1);
            if (rest_.empty()) return std::nullopt;
            value += rest_.front();
            rest_.remove_prefix(1);
        }
        if (!take('"') || !is_token(value)) return std::nullopt;
        return value;
    }

  private:
    void skip_space() noexcept {
        rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size()));
    }

    std::string_view rest_;
};

std::optional<ExtensionParameter> read_parameter(Reader& reader) {
    auto name = reader.take_token();
    if (!name) return std::nullopt;
    ExtensionParameter parameter{std::move(*name), std::nullopt};
    if (reader.take('=')) {
        parameter.value = reader.take_value();
        if (!parameter.value) return std::nullopt;
    }
    return parameter;
}

std::optional<Extension> read_extension(Reader& reader) {
    auto name = reader.take_token();
    if (!name) return std::nullopt;
    Extension extension{std::move(*name), {}};
    while (reader.take(';')) {
        auto parameter = read_parameter(reader);
        if (!parameter) return std::nullopt;
        extension.parameters.push_back(std::move(*parameter));
    }
    return extension;
}

}  // namespace

std::optional<std::vector<Extension>> parse_extensions(std::string_view header) {
    std::vector<Extension> extensions;
    Reader reader{header};
    while (!reader.at_end()) {
        if (reader.take(',')) continue;
        auto extension = read_extension(reader);
        if (!extension) return std::nullopt;
        extensions.push_back(std::move(*extension));
        if (!reader.at_end() && !reader.take(',')) return std::nullopt;
    }
    return extensions;
}

std::optional<std::vector<Extension>> parse_extensions(const RequestHead& head) {
    constexpr std::string_view name = "Sec-WebSocket-Extensions";
    std::vector<Extension> extensions;
    auto lines = head.values(name);
    while (const auto line = lines.take_first()) {
        auto of_line = parse_extensions(*line);
        if (!of_line) return std::nullopt;
        std::move(of_line->begin(), of_line->end(), std::back_inserter(extensions));
    }
    return extensions;
}

}  // namespace wsecho::protocol
