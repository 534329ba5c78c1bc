// The data of compressed messages (RFC 7692, section 7.2), by zlib. Pure, but for the memory that
// zlib takes: where there is none, both throw std::bad_alloc, and are not to be used again.
//
// A stream that takes its context over keeps what the next message may refer to, and belongs to one
// connection. One that does not is as new after each message: it may serve any number of
// connections, one message after the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "protocol/permessage_deflate.h"
#include "protocol/spare_buffers.h"

struct z_stream_s;

namespace wsecho::protocol {

struct CompressorOptions {
    DeflateContext context;
    int level = 6;         // 1: fastest, to 9: smallest
    int memory_level = 8;  // 1 to 9: what matches are looked for with
};

class Compressor {
  public:
    // What is out of its range is taken for the end of the range.
    explicit Compressor(const CompressorOptions& options);

    // Appends a whole message as it travels (section 7.2.1).
    void compress(std::span<const std::uint8_t> payload, Buffer& to);

    // The next message refers to none before it. So it has to be where the peer was sent a
    // compressed message in between that did not go through here: its window has moved on by that.
    void forget() noexcept;

    // What zlib holds for such a stream: (1 << (window_bits + 2)) + (1 << (memory_level + 9)), and
    // 6 KB of its own. 268 KB by default.
    [[nodiscard]] static std::size_t memory_bytes(const CompressorOptions& options) noexcept;

  private:
    struct End {
        void operator()(z_stream_s* stream) const noexcept;
    };
    std::unique_ptr<z_stream_s, End> stream_;
    bool takes_over_;
};

class Decompressor {
  public:
    // `too_big`: the connection is failed with 1009. `corrupt`: with 1007, "data within a message
    // that was not consistent with the type of the message" (RFC 6455, section 7.4.1): the frames
    // are right, their content is not what they call it; RFC 7692 names no code. After either the
    // message is over, and a stream that takes its context over is not to be used again.
    enum class Outcome : std::uint8_t { ok, corrupt, too_big };

    // A window of 2^8 bytes, too: inflating has one.
    explicit Decompressor(DeflateContext context);

    // Appends what a piece of a message inflates to (section 7.2.2); pieces may end anywhere. It is
    // `too_big` as soon as `to` would hold over `max_size` bytes: never more are in it, nor is
    // memory for more taken.
    Outcome add(std::span<const std::uint8_t> piece, std::size_t max_size, Buffer& to);
    // Forgets the message in hand and all that a further one could refer to: as new.
    void reset() noexcept;
    // The message ends here. Corrupt, too, where it ends inside a block.
    Outcome finish(std::size_t max_size, Buffer& to);

    // What zlib holds for such a stream: 1 << window_bits, and 8 KB of its own. 40 KB at most.
    [[nodiscard]] static std::size_t memory_bytes(DeflateContext context) noexcept;

  private:
    struct End {
        void operator()(z_stream_s* stream) const noexcept;
    };
    enum class Step : std::uint8_t { more, done, corrupt };

    Outcome inflate(std::span<const std::uint8_t> piece, std::size_t max_size, Buffer& to);
    Step inflate_into(std::span<std::uint8_t> room, std::size_t& inflated);
    Outcome end_of_message(Outcome outcome) noexcept;

    std::unique_ptr<z_stream_s, End> stream_;
    bool takes_over_;
};

}  // namespace wsecho::protocol
