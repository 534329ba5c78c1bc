#include "engine/deflate.h"

#include <utility>

namespace wsecho::engine {

using protocol::Compressor;
using protocol::Decompressor;

Compressor& Deflate::shared_compressor(int window_bits) {
    auto& compressor = compressors_[static_cast<std::size_t>(window_bits) -
                                    static_cast<std::size_t>(protocol::min_window_bits)];
    if (!compressor)
        compressor = std::make_unique<Compressor>(
            protocol::CompressorOptions{{window_bits, false}, options_.level});
    return *compressor;
}

std::span<const std::uint8_t> Deflate::compress_with(Compressor& compressor,
                                                     std::span<const std::uint8_t> payload) {
    if (compressed_.capacity() > max_kept_bytes) compressed_ = {};
    compressed_.clear();
    compressor.compress(payload, compressed_);
    return compressed_;
}

std::span<const std::uint8_t> Deflate::compress(ConnectionDeflate& connection,
                                                std::span<const std::uint8_t> payload) {
    const protocol::DeflateContext context = connection.terms.server;
    if (!context.takes_over) return compress_with(shared_compressor(context.window_bits), payload);
    if (!connection.compressor)
        connection.compressor =
            std::make_unique<Compressor>(protocol::CompressorOptions{context, options_.level});
    return compress_with(*connection.compressor, payload);
}

DeflatedForm Deflate::make_form(const PreparedMessage& message) {
    const auto payload = message.payload();
    const auto compressed = compress_with(shared_compressor(options_.window_bits), payload);
    if (compressed.size() >= payload.size()) return {nullptr, options_.window_bits};
    return {std::make_shared<const PreparedMessage>(message.opcode(), compressed, message.terms(),
                                                    true),
            options_.window_bits};
}

const SharedMessage& Deflate::form_of(const SharedMessage& message) {
    if (!is_worth_it(message->payload().size())) return message;
    const DeflatedForm& form =
        message->deflated([&](const PreparedMessage& plain) { return make_form(plain); });
    // Another server, with a larger window, may have made it.
    return form.message && form.window_bits <= options_.window_bits ? form.message : message;
}

Decompressor& Deflate::decompressor_of(ConnectionDeflate& connection) {
    auto& decompressor = connection.decompressor;
    if (decompressor) return *decompressor;
    decompressor = connection.terms.client.takes_over
                       ? std::make_unique<Decompressor>(connection.terms.client)
                       : spare_.take();
    return *decompressor;
}

void Deflate::message_ended(ConnectionDeflate& connection) {
    if (connection.terms.client.takes_over) return;
    spare_.give_back(std::exchange(connection.decompressor, nullptr));
}

}  // namespace wsecho::engine
