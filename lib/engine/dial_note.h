// What a dialed connection's loop is told about it, by letter.
#pragma once

#include <cstdint>
#include <memory>

#include "lws/connector.h"

namespace wsecho::engine {

class DialLink;

struct DialNote {
    enum class What : std::uint8_t {
        start,
        stop,
        go_on,     // with what it has to do next
        resolved,  // the name of its endpoint
    };

    What what{};
    std::shared_ptr<DialLink> link;
    std::uint64_t attempt = 0;  // for which it was looked up
    lws::Resolution resolution{};
};

}  // namespace wsecho::engine
