// What a ping carries: when it was sent, which the peer sends back, so that no table of pings is
// needed. The peer learns nothing from it and cannot make one itself. Pure.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

#include "runtime/siphash.h"

namespace wsecho::runtime {

// Random words that peers do not know.
struct PingSecret {
    std::uint64_t offset = 0;
    SipKey key{};
};

// The payload is the stamp, moved by a random offset, since a steady clock tells how long the host
// has been up; and a hash of both the stamp and the connection, so that neither a stamp that the
// peer made up nor another connection's is taken for one of this connection's pings.
class PingCodec {
  public:
    using Payload = std::array<std::uint8_t, 2 * sizeof(std::uint64_t)>;

    explicit PingCodec(const PingSecret& secret) noexcept : secret_(secret) {}

    [[nodiscard]] Payload encode(std::uint64_t connection, std::uint64_t stamp) const noexcept {
        return std::bit_cast<Payload>(Words{stamp + secret_.offset, signature(connection, stamp)});
    }

    // The stamp; nothing where the payload is not one that was encoded for this connection.
    [[nodiscard]] std::optional<std::uint64_t> decode(
        std::uint64_t connection, std::span<const std::uint8_t> payload) const noexcept {
        Words words{};
        if (payload.size() != sizeof words) return std::nullopt;
        std::memcpy(words.data(), payload.data(), sizeof words);
        const std::uint64_t stamp = words[0] - secret_.offset;
        if (words[1] != signature(connection, stamp)) return std::nullopt;
        return stamp;
    }

  private:
    using Words = std::array<std::uint64_t, 2>;

    [[nodiscard]] std::uint64_t signature(std::uint64_t connection,
                                          std::uint64_t stamp) const noexcept {
        return siphash_of(secret_.key, Words{connection, stamp});
    }

    PingSecret secret_;
};

}  // namespace wsecho::runtime
