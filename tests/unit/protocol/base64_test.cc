#include "protocol/base64.h"

#include <gtest/gtest.h>

#include <array>

namespace wsecho::protocol {
namespace {

// RFC 4648, section 10.
TEST(base64, encodes_the_examples_of_the_rfc) {
    const std::array<std::array<std::string_view, 2>, 7> examples{{{"", ""},
                                                                   {"f", "Zg=="},
                                                                   {"fo", "Zm8="},
                                                                   {"foo", "Zm9v"},
                                                                   {"foob", "Zm9vYg=="},
                                                                   {"fooba", "Zm9vYmE="},
                                                                   {"foobar", "Zm9vYmFy"}}};
    for (const auto& [plain, encoded] : examples)
        EXPECT_EQ(to_base64(plain), encoded);
}

TEST(base64, has_a_sign_for_each_six_bits) {
    const std::array<std::uint8_t, 6> bytes{0xFB, 0xEF, 0xBE, 0xFF, 0xFF, 0x00};
    EXPECT_EQ(to_base64(bytes), "++++//8A");
}

}  // namespace
}  // namespace wsecho::protocol
