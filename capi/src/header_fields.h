// A caller's array of headers, read.
#pragma once

#include <cstddef>
#include <vector>

#include "protocol/handshake_answer.h"
#include "wsecho/wsecho.h"

namespace wsecho::capi {

// False where there is a NULL.
inline bool read_headers(const wsecho_header* given, std::size_t count,
                         std::vector<protocol::HeaderField>& headers) {
    if (given == nullptr && count != 0) return false;
    for (std::size_t i = 0; i < count; ++i) {
        if (given[i].name == nullptr || given[i].value == nullptr) return false;
        headers.push_back({given[i].name, given[i].value});
    }
    return true;
}

}  // namespace wsecho::capi
