// Which connection does what in a scenario: by its number alone, so that threads agree.
#pragma once

#include <cstdint>

#include "scenario/options.h"

namespace wsecho::loadgen {

enum class Role { idle, echo, churn, stalled, listen };

// Of 20 connections of the mixed scenario, so many echo and so many come and go; the others idle.
inline constexpr std::uint32_t mix_period = 20;
inline constexpr std::uint32_t mix_echo = 5;
inline constexpr std::uint32_t mix_churn = 1;

[[nodiscard]] inline Role role_of(const Options& options, std::uint32_t number) noexcept {
    switch (options.scenario) {
        case Scenario::idle:
            return Role::idle;
        case Scenario::connect:
        case Scenario::storm:
            return Role::churn;
        case Scenario::fanout:
            return Role::listen;
        case Scenario::slow: {
            // Evenly spread: the running total of the share passes a whole number here.
            const double share = options.stall_share;
            const auto before = static_cast<std::uint64_t>(number * share);
            const auto after = static_cast<std::uint64_t>((number + 1.0) * share);
            return after > before ? Role::stalled : Role::echo;
        }
        case Scenario::mixed: {
            const std::uint32_t place = number % mix_period;
            if (place < mix_churn) return Role::churn;
            return place < mix_churn + mix_echo ? Role::echo : Role::idle;
        }
        case Scenario::echo:
            break;
    }
    return Role::echo;
}

}  // namespace wsecho::loadgen
