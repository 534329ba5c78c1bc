// Which offer is taken, and what is answered (RFC 7692, section 7.1).
#include "protocol/permessage_deflate.h"

#include <gtest/gtest.h>

#include <string>

namespace wsecho::protocol {
namespace {

constexpr DeflateTerms everything{};
constexpr DeflateTerms no_takeover{{15, false}, {15, false}};

std::optional<DeflateAgreement> agree(std::string_view offers, const DeflateTerms& allowed) {
    const auto parsed = parse_extensions(offers);
    EXPECT_TRUE(parsed) << offers;
    return agree_on_deflate(*parsed, allowed);
}

std::string answer(std::string_view offers, const DeflateTerms& allowed = everything) {
    const auto agreed = agree(offers, allowed);
    return agreed ? agreed->answer : "declined";
}

DeflateTerms terms(std::string_view offers, const DeflateTerms& allowed = everything) {
    const auto agreed = agree(offers, allowed);
    EXPECT_TRUE(agreed) << offers;
    return agreed ? agreed->terms : DeflateTerms{};
}

TEST(permessage_deflate, a_bare_offer_is_taken_as_it_is) {
    EXPECT_EQ(answer("permessage-deflate"), "permessage-deflate");
    EXPECT_EQ(terms("permessage-deflate"), everything);
}

TEST(permessage_deflate, what_browsers_offer_is_answered_without_a_bound) {
    EXPECT_EQ(answer("permessage-deflate; client_max_window_bits"), "permessage-deflate");
}

TEST(permessage_deflate, who_offers_nothing_of_it_is_declined) {
    EXPECT_EQ(answer(""), "declined");
    EXPECT_EQ(answer("x-webkit-deflate-frame, permessage-bzip2"), "declined");
}

TEST(permessage_deflate, the_first_offer_that_can_be_kept_is_taken) {
    EXPECT_EQ(answer("x-other, permessage-deflate; server_max_window_bits=8, "
                     "permessage-deflate; server_max_window_bits=12, permessage-deflate"),
              "permessage-deflate; server_max_window_bits=12");
}

// --- Context takeover ---

TEST(permessage_deflate, a_server_told_to_forget_says_that_it_does) {
    const auto* offer = "permessage-deflate; server_no_context_takeover";
    EXPECT_EQ(answer(offer), offer);
    EXPECT_EQ(terms(offer), (DeflateTerms{{15, false}, {15, true}}));
}

TEST(permessage_deflate, a_client_that_forgets_is_held_to_it) {
    const auto* offer = "permessage-deflate; client_no_context_takeover";
    EXPECT_EQ(answer(offer), offer);
    EXPECT_EQ(terms(offer), (DeflateTerms{{15, true}, {15, false}}));
}

TEST(permessage_deflate, an_operator_s_no_holds_whatever_is_offered) {
    const auto* both = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
    for (const auto* offer :
         {"permessage-deflate", "permessage-deflate; client_no_context_takeover", both}) {
        EXPECT_EQ(answer(offer, no_takeover), both);
        EXPECT_EQ(terms(offer, no_takeover), no_takeover);
    }
}

// --- Windows ---

TEST(permessage_deflate, a_bound_on_the_server_is_kept_and_answered) {
    for (int bits = 9; bits <= 15; ++bits) {
        const auto offer = "permessage-deflate; server_max_window_bits=" + std::to_string(bits);
        EXPECT_EQ(answer(offer), offer);
        EXPECT_EQ(terms(offer).server.window_bits, bits);
    }
}

TEST(permessage_deflate, the_smaller_bound_on_the_server_holds) {
    const DeflateTerms allowed{{11, true}, {15, true}};
    EXPECT_EQ(answer("permessage-deflate; server_max_window_bits=10", allowed),
              "permessage-deflate; server_max_window_bits=10");
    for (const auto* offer :
         {"permessage-deflate", "permessage-deflate; server_max_window_bits=13"})
        EXPECT_EQ(answer(offer, allowed), "permessage-deflate; server_max_window_bits=11");
}

TEST(permessage_deflate, a_server_s_window_smaller_than_zlib_has_is_declined) {
    EXPECT_EQ(answer("permessage-deflate; server_max_window_bits=8"), "declined");
}

TEST(permessage_deflate, the_smaller_bound_on_the_client_holds) {
    const DeflateTerms allowed{{15, true}, {11, true}};
    for (const auto* offer : {"permessage-deflate; client_max_window_bits",
                              "permessage-deflate; client_max_window_bits=13"}) {
        EXPECT_EQ(answer(offer, allowed), "permessage-deflate; client_max_window_bits=11");
        EXPECT_EQ(terms(offer, allowed).client.window_bits, 11);
    }
    for (int bits = 8; bits <= 14; ++bits) {
        const auto offer = "permessage-deflate; client_max_window_bits=" + std::to_string(bits);
        EXPECT_EQ(answer(offer), offer);
        EXPECT_EQ(terms(offer).client.window_bits, bits);
    }
}

// Section 7.1.2.2: the answer must not have the parameter, so its window would be the largest.
TEST(permessage_deflate, a_client_that_takes_no_bound_is_declined_where_there_is_one) {
    const DeflateTerms allowed{{15, true}, {11, true}};
    EXPECT_EQ(answer("permessage-deflate", allowed), "declined");
    EXPECT_EQ(answer("permessage-deflate, permessage-deflate; client_max_window_bits", allowed),
              "permessage-deflate; client_max_window_bits=11");
}

// --- What is wrong with an offer ---

TEST(permessage_deflate, an_offer_with_a_wrong_parameter_is_passed_over) {
    for (const std::string parameter :
         {"unknown", "unknown=1", "Server_max_window_bits=10", "server_no_context_takeover=1",
          "client_no_context_takeover=true", "server_max_window_bits", "server_max_window_bits=7",
          "server_max_window_bits=16", "server_max_window_bits=010", "server_max_window_bits=1",
          "server_max_window_bits=+9", "server_max_window_bits=1a", "server_max_window_bits=150",
          "server_max_window_bits=20", "client_max_window_bits=7", "client_max_window_bits=16",
          "client_max_window_bits=09", "client_max_window_bits=x"}) {
        EXPECT_EQ(answer("permessage-deflate; " + parameter), "declined") << parameter;
        EXPECT_EQ(answer("permessage-deflate; " + parameter + ", permessage-deflate"),
                  "permessage-deflate")
            << parameter;
    }
}

TEST(permessage_deflate, a_parameter_that_is_there_twice_is_wrong) {
    for (const std::string parameter :
         {"server_no_context_takeover", "client_no_context_takeover", "server_max_window_bits=10",
          "client_max_window_bits", "client_max_window_bits=10"})
        EXPECT_EQ(answer("permessage-deflate; " + parameter + "; " + parameter), "declined");
    EXPECT_EQ(answer("permessage-deflate; client_max_window_bits; client_max_window_bits=10"),
              "declined");
}

TEST(permessage_deflate, all_parameters_together_are_answered) {
    EXPECT_EQ(
        answer("permessage-deflate; client_max_window_bits=\"12\"; server_max_window_bits=10; "
               "client_no_context_takeover; server_no_context_takeover"),
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover; "
        "server_max_window_bits=10; client_max_window_bits=12");
}

// Whatever is offered and allowed: what is agreed on is within both, and is what the answer says.
TEST(permessage_deflate, every_agreement_is_within_what_both_sides_allow) {
    for (int server = 9; server <= 15; ++server)
        for (int client = 9; client <= 15; ++client)
            for (int offered = 8; offered <= 15; ++offered) {
                const DeflateTerms allowed{{server, true}, {client, true}};
                const auto bits = std::to_string(offered);
                const auto agreed = agree("permessage-deflate; server_max_window_bits=" + bits +
                                              "; client_max_window_bits=" + bits,
                                          allowed);
                ASSERT_EQ(agreed.has_value(), offered > 8);
                if (!agreed) continue;
                EXPECT_EQ(agreed->terms.server.window_bits, std::min(offered, server));
                EXPECT_EQ(agreed->terms.client.window_bits, std::min(offered, client));
                EXPECT_EQ(terms(agreed->answer), agreed->terms);
            }
}

}  // namespace
}  // namespace wsecho::protocol
