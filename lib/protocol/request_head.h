// The head of an HTTP/1.1 request (RFC 9112): checked and looked up in place. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "protocol/header_lines.h"

namespace wsecho::protocol {

// A view of a checked head; the text must outlive it.
class RequestHead {
  public:
    using Field = HeaderLines::Field;

    // Nothing where the text is not a request head as RFC 9112 has it (sections 3 and 5): a
    // request line, then header lines.
    static std::optional<RequestHead> parse(std::string_view text) noexcept;

    [[nodiscard]] std::string_view method() const noexcept { return method_; }
    [[nodiscard]] std::string_view version() const noexcept { return version_; }
    // The request target without its query, and the query without its question mark.
    [[nodiscard]] std::string_view path() const noexcept { return path_; }
    [[nodiscard]] std::string_view query() const noexcept { return query_; }

    // As HeaderLines has them.
    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const noexcept {
        return lines_.header(name);
    }
    [[nodiscard]] HeaderValues values(std::string_view name) const noexcept {
        return lines_.values(name);
    }
    [[nodiscard]] std::size_t count(std::string_view name) const noexcept {
        return lines_.count(name);
    }
    [[nodiscard]] std::vector<Field> fields() const { return lines_.fields(); }
    [[nodiscard]] std::vector<std::string_view> list(std::string_view name) const {
        return lines_.list(name);
    }
    [[nodiscard]] bool has_token(std::string_view name, std::string_view token) const noexcept {
        return lines_.has_token(name, token);
    }

  private:
    RequestHead() = default;
    bool parse_request_line(std::string_view line) noexcept;
    bool parse_target(std::string_view target) noexcept;

    std::string_view method_;
    std::string_view path_;
    std::string_view query_;
    std::string_view version_;
    HeaderLines lines_;
};

}  // namespace wsecho::protocol
