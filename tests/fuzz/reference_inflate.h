// Inflates whole messages (RFC 7692, section 7.2.2) from the begin each time, and remembers what
// the next message may refer to as a text, not as a state of zlib's.
#pragma once

#include <zlib.h>

#include <array>

#include "reference_peer.h"

namespace wsecho::fuzz {

class ReferenceInflater : public Inflater {
  public:
    explicit ReferenceInflater(bool takes_over) : takes_over_(takes_over) {}

    Result inflate(View data, bool is_whole, std::size_t max, Bytes& to) override {
        constexpr std::array<std::uint8_t, 4> end{0x00, 0x00, 0xFF, 0xFF};
        z_stream stream{};
        require(::inflateInit2(&stream, -15) == Z_OK, "zlib has memory");
        refer_to(stream, {});
        Result result = run(stream, data, max, to);
        if (result == Result::begun && is_whole) {
            result = run(stream, end, max, to);
            // Between blocks, with no bit of a byte left over.
            if (result == Result::begun)
                result = stream.data_type == 128 ? Result::whole : Result::corrupt;
        }
        ::inflateEnd(&stream);
        if (result == Result::whole && takes_over_) past_.insert(past_.end(), to.begin(), to.end());
        return result;
    }

  private:
    static constexpr std::size_t window = 32768;

    void refer_to(z_stream& stream, View inflated) const {
        Bytes text = past_;
        text.insert(text.end(), inflated.begin(), inflated.end());
        const std::size_t size = std::min(text.size(), window);
        if (size == 0) return;
        require(::inflateSetDictionary(&stream, text.data() + text.size() - size,
                                       static_cast<uInt>(size)) == Z_OK,
                "zlib takes a window");
    }

    Result run(z_stream& stream, View data, std::size_t max, Bytes& to) const {
        std::array<std::uint8_t, 4096> room;
        stream.next_in = const_cast<Bytef*>(data.data());
        stream.avail_in = static_cast<uInt>(data.size());
        while (true) {
            stream.next_out = room.data();
            stream.avail_out = room.size();
            const int status = ::inflate(&stream, Z_SYNC_FLUSH);
            to.insert(to.end(), room.begin(), room.end() - stream.avail_out);
            if (to.size() > max) {
                to.resize(max);
                return Result::too_big;
            }
            // Section 7.2.3.4: others may follow a block that calls itself the last.
            if (status == Z_STREAM_END) {
                ::inflateReset(&stream);
                refer_to(stream, to);
                continue;
            }
            if (status != Z_OK && status != Z_BUF_ERROR) return Result::corrupt;
            if (stream.avail_out != 0) return Result::begun;
        }
    }

    bool takes_over_;
    Bytes past_;  // all that was inflated, if the next message may refer to it
};

// Compresses messages as a client does.
class ReferenceDeflater {
  public:
    explicit ReferenceDeflater(bool takes_over) : takes_over_(takes_over) {
        require(::deflateInit2(&stream_, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) == Z_OK,
                "zlib has memory");
    }
    ReferenceDeflater(const ReferenceDeflater&) = delete;
    ReferenceDeflater& operator=(const ReferenceDeflater&) = delete;
    ~ReferenceDeflater() { ::deflateEnd(&stream_); }

    Bytes deflate(View payload) {
        if (payload.empty()) return {0};
        if (!takes_over_) ::deflateReset(&stream_);
        Bytes to(::deflateBound(&stream_, payload.size()) + 16);
        stream_.next_in = const_cast<Bytef*>(payload.data());
        stream_.avail_in = static_cast<uInt>(payload.size());
        stream_.next_out = to.data();
        stream_.avail_out = static_cast<uInt>(to.size());
        ::deflate(&stream_, Z_SYNC_FLUSH);
        require(stream_.avail_in == 0 && stream_.avail_out > 0, "there is room for all of it");
        to.resize(to.size() - stream_.avail_out - 4);
        return to;
    }

  private:
    z_stream stream_{};
    bool takes_over_;
};

}  // namespace wsecho::fuzz
