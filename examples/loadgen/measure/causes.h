// Counts by cause, in the words that the report uses.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace wsecho::loadgen {

class Causes {
  public:
    // A hostile server can think of any number of reasons: what is over this counts as "other".
    static constexpr std::size_t max_causes = 50;

    void count(std::string_view cause, std::uint64_t times = 1) {
        auto found = counts_.find(cause);
        if (found == counts_.end()) {
            if (counts_.size() >= max_causes) cause = "other";
            found = counts_.try_emplace(std::string(cause), 0).first;
        }
        found->second += times;
        total_ += times;
    }
    void add(const Causes& other) {
        for (const auto& [cause, times] : other.counts_)
            count(cause, times);
    }

    [[nodiscard]] std::uint64_t total() const noexcept { return total_; }
    [[nodiscard]] const std::map<std::string, std::uint64_t, std::less<>>& counts() const noexcept {
        return counts_;
    }

  private:
    std::map<std::string, std::uint64_t, std::less<>> counts_;
    std::uint64_t total_ = 0;
};

}  // namespace wsecho::loadgen
