// What all functions of channels are given.
#pragma once

#include "wsecho/wsecho.h"

namespace wsecho::capi {

// What is wrong with it; NULL: nothing.
inline const char* problem_of(const wsecho_server* server, const char* channel) {
    if (server == nullptr) return "server is NULL";
    return channel == nullptr ? "channel is NULL" : nullptr;
}

}  // namespace wsecho::capi
