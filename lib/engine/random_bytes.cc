#include "engine/random_bytes.h"

#include <sys/random.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <system_error>

namespace wsecho::engine {

namespace {

void fetch(std::span<std::uint8_t> bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::getrandom(bytes.data(), bytes.size(), 0);
        if (count > 0)
            bytes = bytes.subspan(static_cast<std::size_t>(count));
        else if (errno != EINTR)
            throw std::system_error(errno, std::generic_category(), "getrandom");
    }
}

}  // namespace

void RandomBytes::fill(std::span<std::uint8_t> bytes) {
    while (!bytes.empty()) {
        if (used_ == ahead_.size()) {
            fetch(ahead_);
            used_ = 0;
        }
        const std::size_t count = std::min(bytes.size(), ahead_.size() - used_);
        std::copy_n(ahead_.begin() + static_cast<std::ptrdiff_t>(used_), count, bytes.begin());
        used_ += count;
        bytes = bytes.subspan(count);
    }
}

std::uint64_t RandomBytes::word() {
    return std::bit_cast<std::uint64_t>(take<sizeof(std::uint64_t)>());
}

}  // namespace wsecho::engine
