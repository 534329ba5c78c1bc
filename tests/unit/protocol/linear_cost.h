// What a peer sends may cost only as much as it is long: each parser is given the same kind of
// input in two sizes, whole or in pieces of one byte, and its steps are counted. Four times the
// input may cost at most five times as much, which n log n stays below and n * n does not.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

#include "steps.h"

namespace wsecho::test {

using Work = std::function<void()>;

struct Case {
    const char* name;
    std::size_t size;  // of the small input, in bytes
    Work (*of_size)(std::size_t size);

    friend std::ostream& operator<<(std::ostream& out, const Case& each) {
        return out << each.name;
    }
};

// A call that the compiler cannot leave out.
template <class Call>
Work calls(Call call) {
    return [call = std::move(call)]() mutable {
        auto result = call();
        asm volatile("" : : "g"(&result) : "memory");
    };
}

inline std::string repeated(std::string_view element, std::size_t size) {
    std::string text;
    while (text.size() < size)
        text += element;
    return text;
}

class Cost : public ::testing::TestWithParam<Case> {
  protected:
    void expect_linear() const {
        const Case& each = GetParam();
        const auto once = count_steps(each.of_size(each.size));
        const auto four_times = count_steps(each.of_size(4 * each.size));
        RecordProperty("steps", static_cast<int>(four_times));
        ASSERT_GT(once, 0U);
        EXPECT_LE(four_times, 5 * once)
            << "four times the input cost "
            << static_cast<double>(four_times) / static_cast<double>(once) << " times the steps";
    }
};

inline std::string name_of(const ::testing::TestParamInfo<Case>& info) {
    return info.param.name;
}

}  // namespace wsecho::test
