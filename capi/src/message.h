// A caller's message: a type and bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "protocol/frame.h"
#include "wsecho/wsecho.h"

namespace wsecho::capi {

struct GivenMessage {
    int type;
    const void* payload;
    std::size_t length;

    // What is wrong with it; NULL: nothing.
    [[nodiscard]] const char* problem() const noexcept {
        if (payload == nullptr && length != 0) return "payload is NULL";
        if (type != WSECHO_TEXT && type != WSECHO_BINARY)
            return "type is neither WSECHO_TEXT nor WSECHO_BINARY";
        return nullptr;
    }
    [[nodiscard]] protocol::Opcode opcode() const noexcept {
        return static_cast<protocol::Opcode>(type);
    }
    [[nodiscard]] std::span<const std::uint8_t> bytes() const noexcept {
        return {static_cast<const std::uint8_t*>(payload), length};
    }
};

}  // namespace wsecho::capi
