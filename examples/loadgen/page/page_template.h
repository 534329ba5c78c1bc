// The page of the HTML report as embed.cmake made it: the text before a run's document, and the
// text after it, each in pieces that any compiler takes as a literal.
#pragma once

#include <span>
#include <string_view>

namespace wsecho::loadgen {

[[nodiscard]] std::span<const std::string_view> page_before_document() noexcept;
[[nodiscard]] std::span<const std::string_view> page_after_document() noexcept;

}  // namespace wsecho::loadgen
