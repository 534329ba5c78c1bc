// permessage-deflate (RFC 7692) without context takeover: each message stands alone, so that one
// compressor and one decompressor serve any number of connections.
#pragma once

#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "wire/frames.h"

namespace wsecho::loadgen {

// What a client offers to have that: each side forgets what it compressed before.
inline constexpr std::string_view deflate_offer =
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

class Deflater {
  public:
    Deflater();
    Deflater(const Deflater&) = delete;
    Deflater& operator=(const Deflater&) = delete;
    ~Deflater() { ::deflateEnd(&stream_); }

    // A message's payload as it travels (section 7.2.1); valid until the next call.
    [[nodiscard]] Bytes deflate(Bytes payload);

  private:
    z_stream stream_{};
    std::vector<std::uint8_t> output_;
};

class Inflater {
  public:
    Inflater();
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
    ~Inflater() { ::inflateEnd(&stream_); }

    // Nothing when `payload` is not deflated data, or gives more than `max_size` bytes.
    // Valid until the next call.
    [[nodiscard]] std::optional<Bytes> inflate(Bytes payload, std::size_t max_size);

  private:
    z_stream stream_{};
    std::vector<std::uint8_t> output_;
};

}  // namespace wsecho::loadgen
