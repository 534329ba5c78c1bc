// Decompressors that were used, for use again: without context takeover any connection may have any
// of them, for one message. Pure.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "protocol/deflate_stream.h"

namespace wsecho::protocol {

class SpareDecompressors {
  public:
    // Each takes 40 KB.
    static constexpr std::size_t max_kept = 16;

    // As new, whatever it was used for: the reset is here, where the next user gets it, so that no
    // way in which a message ended (whole, refused in its middle, cut off) can leave its state or
    // its text to another connection.
    [[nodiscard]] std::unique_ptr<Decompressor> take() {
        // Its window is the largest that a client may have.
        if (spare_.empty())
            return std::make_unique<Decompressor>(DeflateContext{max_window_bits, false});
        auto decompressor = std::move(spare_.back());
        spare_.pop_back();
        decompressor->reset();
        return decompressor;
    }

    void give_back(std::unique_ptr<Decompressor> decompressor) {
        if (spare_.size() < max_kept) spare_.push_back(std::move(decompressor));
    }

    [[nodiscard]] std::size_t kept() const noexcept { return spare_.size(); }

  private:
    std::vector<std::unique_ptr<Decompressor>> spare_;
};

}  // namespace wsecho::protocol
