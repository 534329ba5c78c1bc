// Which close codes may travel, and what a close frame's payload says.
#include "protocol/close_code.h"

#include <gtest/gtest.h>

#include <string>

#include "bytes.h"

namespace wsecho::protocol {
namespace {

using test::Bytes;

Bytes payload(unsigned code, std::string_view reason = "") {
    Bytes bytes{static_cast<std::uint8_t>(code >> 8U), static_cast<std::uint8_t>(code & 0xFFU)};
    test::append(bytes, test::bytes_of(reason));
    return bytes;
}

// The code of a well-formed close; 0 for a violation.
unsigned code_in(const Bytes& bytes) {
    const auto parsed = parse_close(bytes);
    const auto* status = std::get_if<CloseStatus>(&parsed);
    return status == nullptr ? 0 : static_cast<unsigned>(status->code);
}

// With which code a malformed close is answered; 0 for a well-formed one.
unsigned answer_to(const Bytes& bytes) {
    const auto parsed = parse_close(bytes);
    const auto* violation = std::get_if<CloseViolation>(&parsed);
    return violation == nullptr ? 0 : static_cast<unsigned>(violation->answer);
}

// The lists of RFC 6455 (sections 7.4.1 and 7.4.2) and IANA, written out.
bool is_listed(unsigned code) {
    switch (code) {
        case 1000:
        case 1001:
        case 1002:
        case 1003:
        case 1007:
        case 1008:
        case 1009:
        case 1010:
        case 1011:
        case 1012:
        case 1013:
        case 1014:
            return true;
        default:
            return code >= 3000 && code <= 4999;
    }
}

TEST(close_code, of_all_65536_codes_only_the_listed_ones_may_be_sent) {
    for (unsigned code = 0; code <= 0xFFFF; ++code)
        ASSERT_EQ(may_be_sent(static_cast<std::uint16_t>(code)), is_listed(code)) << code;
}

TEST(close_code, an_empty_payload_means_no_status) {
    const auto parsed = parse_close({});
    EXPECT_EQ(std::get<CloseStatus>(parsed).code, CloseCode::no_status);
    EXPECT_EQ(std::get<CloseStatus>(parsed).reason, "");
}

TEST(close_code, a_single_byte_is_a_protocol_error) {
    EXPECT_EQ(answer_to({0x03}), 1002U);
}

TEST(close_code, a_code_is_read_in_network_byte_order) {
    EXPECT_EQ(code_in({0x03, 0xE8}), 1000U);
    EXPECT_EQ(code_in({0x0F, 0xA0}), 4000U);
}

TEST(close_code, every_code_is_read_or_refused_as_the_list_says) {
    for (unsigned code = 0; code <= 0xFFFF; ++code) {
        ASSERT_EQ(code_in(payload(code)), is_listed(code) ? code : 0U);
        ASSERT_EQ(answer_to(payload(code)), is_listed(code) ? 0U : 1002U);
    }
}

TEST(close_code, the_reason_is_a_view_of_the_payload) {
    const Bytes bytes = payload(1000, "over and out");
    const auto parsed = parse_close(bytes);
    const auto reason = std::get<CloseStatus>(parsed).reason;
    EXPECT_EQ(reason, "over and out");
    EXPECT_EQ(static_cast<const void*>(reason.data()), bytes.data() + 2);
}

TEST(close_code, a_reason_may_be_123_bytes_long) {
    const std::string longest(max_close_reason, 'x');
    const Bytes bytes = payload(1001, longest);
    EXPECT_EQ(bytes.size(), 125U);
    EXPECT_EQ(std::get<CloseStatus>(parse_close(bytes)).reason, longest);
}

TEST(close_code, a_reason_that_is_not_utf8_is_answered_with_1007) {
    EXPECT_EQ(answer_to(payload(1000, "\xFF")), 1007U);
    EXPECT_EQ(answer_to(payload(1000, "cut off: \xE2\x82")), 1007U);
    EXPECT_EQ(code_in(payload(1000, "whole: \xE2\x82\xAC")), 1000U);
}

TEST(close_code, a_bad_code_weighs_more_than_a_bad_reason) {
    EXPECT_EQ(answer_to(payload(1005, "\xFF")), 1002U);
}

TEST(close_code, a_violation_says_why) {
    const auto parsed = parse_close(Bytes{0x03});
    EXPECT_FALSE(std::get<CloseViolation>(parsed).why.empty());
}

}  // namespace
}  // namespace wsecho::protocol
