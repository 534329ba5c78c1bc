// The header fields of an HTTP/1.1 message (RFC 9112, section 5): checked and looked up in place.
// Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace wsecho::protocol {

// Takes a line off the front, without the CRLF that ends it.
std::string_view take_line(std::string_view& text) noexcept;

// The values of one header, in the order of its lines, without the white space around them. They
// may be taken from either end, and each line is looked at once: to take all of them costs one pass
// over the lines, however many there are.
class HeaderValues {
  public:
    HeaderValues(std::string_view lines, std::string_view name) noexcept
        : rest_(lines), name_(name) {}

    // Both return nothing when no value is left.
    [[nodiscard]] std::optional<std::string_view> take_first() noexcept;
    [[nodiscard]] std::optional<std::string_view> take_last() noexcept;

  private:
    std::string_view rest_;
    std::string_view name_;
};

// A view of the lines behind a message's first one; the text must outlive it. They are not indexed:
// they are read once at the handshake and seldom after, so a scan costs less than a table for each
// connection. Each function is one pass over the lines.
class HeaderLines {
  public:
    struct Field {
        std::string_view name;
        std::string_view value;
    };

    HeaderLines() = default;
    // Nothing where one is no `name: value`: without folding, control characters or a space before
    // the colon. The empty line at the end ends them.
    static std::optional<HeaderLines> parse(std::string_view text) noexcept;

    // First value of a header; names match in any case.
    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const noexcept {
        return values(name).take_first();
    }
    // The values of all its lines. `name` must outlive what is returned.
    [[nodiscard]] HeaderValues values(std::string_view name) const noexcept {
        return {lines_, name};
    }
    [[nodiscard]] std::size_t count(std::string_view name) const noexcept;
    [[nodiscard]] std::vector<Field> fields() const;
    // The elements of a comma-separated header, of all its lines, without empty ones.
    [[nodiscard]] std::vector<std::string_view> list(std::string_view name) const;
    // Is `token` one of a comma-separated header's elements, in any of its lines, in any case?
    [[nodiscard]] bool has_token(std::string_view name, std::string_view token) const noexcept;

  private:
    explicit HeaderLines(std::string_view lines) noexcept : lines_(lines) {}

    std::string_view lines_;  // each with its CRLF, without the empty one at the end
};

}  // namespace wsecho::protocol
