// zlib's raw streams, ended and begun anew for each message.
#include "wire/deflate.h"

#include <algorithm>
#include <array>
#include <new>

namespace wsecho::loadgen {
namespace {

constexpr int raw_window = -15;  // negative: without zlib's header and checksum
constexpr int memory_level = 8;
// An empty stored block ends what a sync flush gives; it does not travel (section 7.2.1).
constexpr std::array<std::uint8_t, 4> tail{0x00, 0x00, 0xFF, 0xFF};

// zlib takes non-const pointers and does not write through them.
Bytef* readable(Bytes bytes) {
    return const_cast<Bytef*>(bytes.data());
}

}  // namespace

Deflater::Deflater() {
    if (::deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, raw_window, memory_level,
                       Z_DEFAULT_STRATEGY) != Z_OK) {
        throw std::bad_alloc();
    }
}

Bytes Deflater::deflate(Bytes payload) {
    ::deflateReset(&stream_);
    output_.resize(::deflateBound(&stream_, static_cast<uLong>(payload.size())) + 16);
    stream_.next_in = readable(payload);
    stream_.avail_in = static_cast<uInt>(payload.size());
    stream_.next_out = output_.data();
    stream_.avail_out = static_cast<uInt>(output_.size());
    ::deflate(&stream_, Z_SYNC_FLUSH);
    const std::size_t size = output_.size() - stream_.avail_out;
    return Bytes(output_).first(size - std::min(size, tail.size()));
}

Inflater::Inflater() {
    if (::inflateInit2(&stream_, raw_window) != Z_OK) throw std::bad_alloc();
}

std::optional<Bytes> Inflater::inflate(Bytes payload, std::size_t max_size) {
    ::inflateReset(&stream_);
    if (output_.size() < max_size + 1) output_.resize(max_size + 1);
    stream_.next_out = output_.data();
    stream_.avail_out = static_cast<uInt>(max_size + 1);
    for (const Bytes part : {payload, Bytes(tail)}) {
        stream_.next_in = readable(part);
        stream_.avail_in = static_cast<uInt>(part.size());
        const int result = ::inflate(&stream_, Z_SYNC_FLUSH);
        if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) return std::nullopt;
    }
    const std::size_t size = max_size + 1 - stream_.avail_out;
    if (size > max_size) return std::nullopt;
    return Bytes(output_).first(size);
}

}  // namespace wsecho::loadgen
