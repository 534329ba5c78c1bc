// The options structs of the C header, and what they say to the engine.
#pragma once

#include "engine/dialer.h"
#include "engine/options.h"
#include "wsecho/wsecho.h"

namespace wsecho::capi {

// Reads a caller's struct of any known version: what its version does not have is at its default.
engine::Status read_options(const wsecho_server_options& given, engine::ServerOptions& options);

// Into options that hold what the server's own connections have.
engine::Status read_path_options(const wsecho_path_options& given, engine::PathOptions& options);

// Likewise.
engine::Status read_dialer_options(const wsecho_dialer_options& given,
                                   engine::DialerOptions& options);

// An enum wsecho_backpressure_policy?
constexpr bool is_policy(std::int64_t given) noexcept {
    return given >= WSECHO_BACKPRESSURE_REFUSE && given <= WSECHO_BACKPRESSURE_CLOSE;
}

static_assert(static_cast<int>(engine::BackpressurePolicy::drop_oldest) ==
              WSECHO_BACKPRESSURE_DROP_OLDEST);
static_assert(static_cast<int>(engine::BackpressurePolicy::close) == WSECHO_BACKPRESSURE_CLOSE);

}  // namespace wsecho::capi
