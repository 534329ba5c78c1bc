// The head of an HTTP/1.1 response (RFC 9112, section 4): checked and looked up in place. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "protocol/header_lines.h"

namespace wsecho::protocol {

// A view; the text must outlive it.
class ResponseHead {
  public:
    // Nothing where the text is none: a status line of HTTP/1.0 or 1.1, then header lines.
    static std::optional<ResponseHead> parse(std::string_view text) noexcept;

    [[nodiscard]] std::string_view version() const noexcept { return version_; }
    [[nodiscard]] unsigned status() const noexcept { return status_; }  // 100 to 599
    [[nodiscard]] std::string_view reason() const noexcept { return reason_; }
    [[nodiscard]] const HeaderLines& lines() const noexcept { return lines_; }

  private:
    ResponseHead() = default;

    std::string_view version_;
    std::string_view reason_;
    unsigned status_ = 0;
    HeaderLines lines_;
};

}  // namespace wsecho::protocol
