// What two sides agree on about permessage-deflate (RFC 7692, section 7.1). Pure.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "protocol/extension_list.h"

namespace wsecho::protocol {

// A window of 2^8 bytes is in the RFC, but zlib cannot compress for one.
inline constexpr int min_window_bits = 9;
inline constexpr int max_window_bits = 15;

// One direction: how far back the sender may refer, as a power of two, and whether to messages
// before the one in hand as well (context takeover).
struct DeflateContext {
    int window_bits = max_window_bits;
    bool takes_over = true;
    friend bool operator==(const DeflateContext&, const DeflateContext&) = default;
};

// What a server sends, and what it is sent.
struct DeflateTerms {
    DeflateContext server;
    DeflateContext client;
    friend bool operator==(const DeflateTerms&, const DeflateTerms&) = default;
};

struct DeflateAgreement {
    DeflateTerms terms;
    std::string answer;  // the value of Sec-WebSocket-Extensions
};

// Takes the first offer that can be kept within `allowed`, whose windows are in the range above;
// nothing if there is none, and then nothing is compressed. An offer is passed over where it has a
// parameter that is unknown, wrong or there twice (section 7), where it wants a smaller window of
// the server than zlib has, and where it would leave the client a larger one than is allowed: who
// does not write client_max_window_bits must not be told a bound (section 7.1.2.2).
std::optional<DeflateAgreement> agree_on_deflate(std::span<const Extension> offers,
                                                 const DeflateTerms& allowed);

}  // namespace wsecho::protocol
