// All connections are hung up on at once and dialed again at once, as after a server's restart or
// a network's hiccup; then they rest a second, and it starts over.
#pragma once

#include <vector>

#include "scenario/load.h"

namespace wsecho::loadgen {

class StormLoad final : public Load {
  public:
    explicit StormLoad(Fleet& fleet) : Load(fleet) {}

    void start(Time now) override;
    Time act(Time now) override;
    void stop() override { stopping_ = true; }
    [[nodiscard]] bool is_settled() const override { return awaited_ == 0; }
    [[nodiscard]] bool is_over() const override { return false; }

    void on_open(ClientConnection& connection, Time dialed, Time now) override;
    void on_closed(ClientConnection& connection, bool was_open, Time now) override;

    // How long it took in each storm until the last connection was back, or had failed.
    [[nodiscard]] const std::vector<std::chrono::nanoseconds>& recoveries() const noexcept {
        return recoveries_;
    }

  private:
    void count_back(Time now);

    std::vector<std::chrono::nanoseconds> recoveries_;
    Time began_;
    Time next_;
    std::uint32_t awaited_ = 0;
    bool stopping_ = false;
};

}  // namespace wsecho::loadgen
