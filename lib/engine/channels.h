// The channels of a server by their names. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "engine/channel.h"

namespace wsecho::engine {

class Channels {
  public:
    static constexpr std::size_t longest_name = 255;

    Channels(unsigned loops, std::size_t most);

    // 1 to 255 bytes without control characters, so that names can be listed in lines.
    static bool is_name(std::string_view text) noexcept;

    [[nodiscard]] std::shared_ptr<Channel> find(std::string_view name) const;
    // Made, if there is none; nothing where there are as many as may be.
    std::shared_ptr<Channel> find_or_make(std::string_view name);
    // One without members is given up, when the last letter about it is read: it costs nothing.
    void drop_if_unused(const Channel& channel);

  private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const noexcept {
            return std::hash<std::string_view>{}(text);
        }
    };

    const unsigned loops_;
    const std::size_t most_;
    std::uint64_t epoch_;  // the next channel's
    mutable std::shared_mutex mutex_;
    std::unordered_map<std::string, std::shared_ptr<Channel>, Hash, std::equal_to<>> by_name_;
};

}  // namespace wsecho::engine
