// Connections that come and go: each is closed politely once it is open, and dialed again.
#pragma once

#include <vector>

#include "scenario/load.h"
#include "scenario/options.h"

namespace wsecho::loadgen {

class ChurnLoad final : public Load {
  public:
    ChurnLoad(Fleet& fleet, const Options& options);

    void start(Time now) override;
    Time act(Time now) override;
    void stop() override { stopping_ = true; }
    [[nodiscard]] bool is_settled() const override { return !fleet_.is_opening(); }
    // Refused handshakes are tried again as long as the run lasts.
    [[nodiscard]] bool is_over() const override { return false; }

    void on_open(ClientConnection& connection, Time dialed, Time now) override;
    void on_closed(ClientConnection& connection, bool was_open, Time now) override;

  private:
    std::vector<ClientConnection*> players_;
    std::vector<ClientConnection*> closed_;  // to be dialed again
    bool stopping_ = false;
};

}  // namespace wsecho::loadgen
