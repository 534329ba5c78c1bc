#include "protocol/deflate_stream.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <new>

namespace wsecho::protocol {

namespace {

// Sections 7.2.1 and 7.2.2: the end of the empty block that a flush writes does not travel.
constexpr std::array<std::uint8_t, 4> flushed_end{0x00, 0x00, 0xFF, 0xFF};

// What is left of an empty block without that, and a whole message without content
// (section 7.2.3.6). zlib flushes nothing where nothing was added.
constexpr std::uint8_t empty_block = 0x00;

// zlib counts in 32 bits.
constexpr std::size_t max_step = 1UL << 30U;
// Room for a flush at the least: zlib flushes again where it has filled all that it was given.
constexpr std::size_t min_room = 64;
constexpr std::size_t max_room = 64UL * 1024;
constexpr std::size_t min_inflated = 512;
// What text gives for each byte, about.
constexpr std::size_t usual_ratio = 4;

constexpr std::size_t own_of_deflate = 6UL * 1024;
constexpr std::size_t own_of_inflate = 8UL * 1024;

// Negative: without zlib's own header and checksum.
constexpr int raw(int window_bits) noexcept {
    return -window_bits;
}

int clamped_bits(const CompressorOptions& options) noexcept {
    return std::clamp(options.context.window_bits, min_window_bits, max_window_bits);
}

int clamped_memory_level(const CompressorOptions& options) noexcept {
    return std::clamp(options.memory_level, 1, MAX_MEM_LEVEL);
}

int clamped_bits(DeflateContext context) noexcept {
    return std::clamp(context.window_bits, 8, max_window_bits);
}

// zlib takes non-const pointers and does not write through them.
void give_input(z_stream& stream, std::span<const std::uint8_t> input) noexcept {
    stream.next_in = const_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
}

void give_room(z_stream& stream, std::span<std::uint8_t> room) noexcept {
    stream.next_out = room.data();
    stream.avail_out = static_cast<uInt>(room.size());
}

// Writes all that comes of the input that the stream was given.
void deflate_into(z_stream& stream, int flush, Buffer& to) {
    do {
        const std::size_t size = to.size();
        const std::size_t room = std::clamp<std::size_t>(stream.avail_in, min_room, max_room);
        to.resize(size + room);
        give_room(stream, std::span{to}.subspan(size));
        ::deflate(&stream, flush);
        to.resize(to.size() - stream.avail_out);
    } while (stream.avail_out == 0);
}

// More room at the end of `to`, about as much as `wanted`. Memory grows by doubling as a vector's
// does, but not beyond `max_size`.
std::span<std::uint8_t> add_room(Buffer& to, std::size_t max_size, std::size_t wanted) {
    const std::size_t size = to.size();
    wanted = std::clamp(wanted, min_inflated, max_room);
    if (to.capacity() == size) to.reserve(std::min(max_size, size + std::max(size, wanted)));
    to.resize(size + std::min({to.capacity() - size, max_size - size, wanted}));
    return std::span{to}.subspan(size);
}

}  // namespace

void Compressor::End::operator()(z_stream_s* stream) const noexcept {
    ::deflateEnd(stream);
    std::default_delete<z_stream_s>{}(stream);
}

Compressor::Compressor(const CompressorOptions& options) : takes_over_(options.context.takes_over) {
    auto stream = std::make_unique<z_stream>();
    if (::deflateInit2(stream.get(), std::clamp(options.level, 1, 9), Z_DEFLATED,
                       raw(clamped_bits(options)), clamped_memory_level(options),
                       Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::bad_alloc{};
    stream_.reset(stream.release());
}

std::size_t Compressor::memory_bytes(const CompressorOptions& options) noexcept {
    return (std::size_t{1} << static_cast<unsigned>(clamped_bits(options) + 2)) +
           (std::size_t{1} << static_cast<unsigned>(clamped_memory_level(options) + 9)) +
           own_of_deflate;
}

void Compressor::compress(std::span<const std::uint8_t> payload, Buffer& to) {
    if (payload.empty()) {
        to.push_back(empty_block);
        return;
    }
    if (!takes_over_) forget();
    while (!payload.empty()) {
        const auto step = payload.first(std::min(payload.size(), max_step));
        payload = payload.subspan(step.size());
        give_input(*stream_, step);
        deflate_into(*stream_, payload.empty() ? Z_SYNC_FLUSH : Z_NO_FLUSH, to);
    }
    to.resize(to.size() - flushed_end.size());
}

void Compressor::forget() noexcept {
    ::deflateReset(stream_.get());
}

void Decompressor::End::operator()(z_stream_s* stream) const noexcept {
    ::inflateEnd(stream);
    std::default_delete<z_stream_s>{}(stream);
}

Decompressor::Decompressor(DeflateContext context) : takes_over_(context.takes_over) {
    auto stream = std::make_unique<z_stream>();
    if (::inflateInit2(stream.get(), raw(clamped_bits(context))) != Z_OK) throw std::bad_alloc{};
    stream_.reset(stream.release());
}

std::size_t Decompressor::memory_bytes(DeflateContext context) noexcept {
    return (std::size_t{1} << static_cast<unsigned>(clamped_bits(context))) + own_of_inflate;
}

// Fills the room, as far as there is something to fill it with.
Decompressor::Step Decompressor::inflate_into(std::span<std::uint8_t> room, std::size_t& inflated) {
    give_room(*stream_, room);
    int result = ::inflate(stream_.get(), Z_SYNC_FLUSH);
    // Section 7.2.3.4: behind a block that calls itself the last others follow, and may refer to
    // what is before it. Anything but this would let a message of such blocks cost far more than
    // its size.
    while (result == Z_STREAM_END) {
        ::inflateResetKeep(stream_.get());
        result = ::inflate(stream_.get(), Z_SYNC_FLUSH);
    }
    inflated = room.size() - stream_->avail_out;
    if (result == Z_MEM_ERROR) throw std::bad_alloc{};
    // Z_BUF_ERROR: there was nothing to do.
    if (result != Z_OK && result != Z_BUF_ERROR) return Step::corrupt;
    // What room is left was not needed.
    return stream_->avail_out == 0 ? Step::more : Step::done;
}

Decompressor::Outcome Decompressor::inflate(std::span<const std::uint8_t> piece,
                                            std::size_t max_size, Buffer& to) {
    give_input(*stream_, piece);
    auto step = Step::more;
    while (step == Step::more) {
        std::size_t inflated = 0;
        if (to.size() < max_size) {
            const auto room = add_room(to, max_size, usual_ratio * stream_->avail_in);
            step = inflate_into(room, inflated);
            to.resize(to.size() - (room.size() - inflated));
        } else {
            // Does it end at the limit? One byte more tells.
            std::array<std::uint8_t, 1> beyond{};
            step = inflate_into(beyond, inflated);
            if (inflated > 0) return Outcome::too_big;
        }
    }
    return step == Step::corrupt ? Outcome::corrupt : Outcome::ok;
}

Decompressor::Outcome Decompressor::add(std::span<const std::uint8_t> piece, std::size_t max_size,
                                        Buffer& to) {
    auto outcome = Outcome::ok;
    while (!piece.empty() && outcome == Outcome::ok) {
        const auto step = piece.first(std::min(piece.size(), max_step));
        piece = piece.subspan(step.size());
        outcome = inflate(step, max_size, to);
    }
    return outcome == Outcome::ok ? outcome : end_of_message(outcome);
}

Decompressor::Outcome Decompressor::finish(std::size_t max_size, Buffer& to) {
    auto outcome = inflate(flushed_end, max_size, to);
    // Behind a whole block zlib stands between blocks, with no bit of a byte left over.
    constexpr int between_blocks = 128;
    if (outcome == Outcome::ok && stream_->data_type != between_blocks) outcome = Outcome::corrupt;
    return end_of_message(outcome);
}

Decompressor::Outcome Decompressor::end_of_message(Outcome outcome) noexcept {
    if (!takes_over_) reset();
    return outcome;
}

// zlib then refuses whatever points before the first byte that it gives out: what its window held
// is still in memory, but out of reach (inflateResetKeep() and `whave` in inflate.c).
void Decompressor::reset() noexcept {
    ::inflateReset(stream_.get());
}

}  // namespace wsecho::protocol
