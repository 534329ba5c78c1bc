// Digits and units.
#include "report/format.h"

#include <fmt/format.h>

namespace wsecho::loadgen {

std::string grouped(std::uint64_t number) {
    const std::string digits = std::to_string(number);
    std::string text;
    for (std::size_t left = digits.size(); left > 0; --left) {
        text.push_back(digits[digits.size() - left]);
        if (left > 1 && left % 3 == 1) text.push_back(',');
    }
    return text;
}

std::string readable(std::chrono::nanoseconds duration) {
    const double amount = milliseconds(duration);
    if (amount >= 10'000) return fmt::format("{:.2f} s", amount / 1000);
    if (amount >= 1) return fmt::format("{:.3f} ms", amount);
    return fmt::format("{:.1f} µs", amount * 1000);
}

}  // namespace wsecho::loadgen
