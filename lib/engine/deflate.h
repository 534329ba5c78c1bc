// Compression (RFC 7692) as one loop does it: what its connections share, and what each has.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "engine/options.h"
#include "engine/prepared_message.h"
#include "protocol/deflate_stream.h"
#include "protocol/inflating_assembler.h"
#include "protocol/permessage_deflate.h"
#include "protocol/spare_decompressors.h"

namespace wsecho::engine {

// Of a connection that has agreed on it.
struct ConnectionDeflate {
    explicit ConnectionDeflate(const protocol::DeflateTerms& agreed) : terms(agreed) {}

    // The next message refers to none before it: what this connection has compressed is not in the
    // peer's window where it did not leave, nor is it just that where a message has left which
    // stands alone.
    void forget() noexcept {
        if (compressor) compressor->forget();
    }

    const protocol::DeflateTerms terms;
    // While a message is under way; with context takeover from the first to the end.
    std::unique_ptr<protocol::Decompressor> decompressor;
    std::unique_ptr<protocol::Compressor> compressor;  // with context takeover, from the first
    protocol::InflatingAssembler assembler;
};

class Deflate {
  public:
    explicit Deflate(const DeflateOptions& options) : options_(options) {}

    [[nodiscard]] protocol::DeflateTerms allowed() const noexcept {
        const protocol::DeflateContext context{options_.window_bits, options_.takes_over};
        return {context, context};
    }
    [[nodiscard]] bool is_worth_it(std::size_t payload_size) const noexcept {
        return payload_size >= options_.threshold;
    }
    // Are the forms below for this connection, too?
    [[nodiscard]] bool shares_forms(const ConnectionDeflate& connection) const noexcept {
        return connection.terms.server.window_bits >= options_.window_bits;
    }

    // A message of this connection's own, in memory that the next call takes again.
    std::span<const std::uint8_t> compress(ConnectionDeflate& connection,
                                           std::span<const std::uint8_t> payload);

    // A message that many get, compressed once for all of them: it refers to none before it, so
    // every peer can inflate it. The message itself where it is too small to be worth it.
    const SharedMessage& form_of(const SharedMessage& message);

    // Makes sure that the connection has one; without context takeover for a message only.
    protocol::Decompressor& decompressor_of(ConnectionDeflate& connection);
    void message_ended(ConnectionDeflate& connection);

  private:
    static constexpr std::size_t sizes_of_window =
        protocol::max_window_bits - protocol::min_window_bits + 1;
    static constexpr std::size_t max_kept_bytes = std::size_t{256} << 10U;

    protocol::Compressor& shared_compressor(int window_bits);
    std::span<const std::uint8_t> compress_with(protocol::Compressor& compressor,
                                                std::span<const std::uint8_t> payload);
    DeflatedForm make_form(const PreparedMessage& message);

    const DeflateOptions& options_;
    std::array<std::unique_ptr<protocol::Compressor>, sizes_of_window> compressors_;
    protocol::SpareDecompressors spare_;
    protocol::Buffer compressed_;
};

}  // namespace wsecho::engine
