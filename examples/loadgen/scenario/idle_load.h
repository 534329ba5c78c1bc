// Holds the connections open; pings are answered without it.
#pragma once

#include "scenario/load.h"

namespace wsecho::loadgen {

class IdleLoad final : public Load {
  public:
    using Load::Load;
    void start(Time /*now*/) override {}
};

}  // namespace wsecho::loadgen
