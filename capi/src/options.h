// The options struct of the C header, and what it says to the engine.
#pragma once

#include "engine/options.h"
#include "wsecho/wsecho.h"

namespace wsecho::capi {

// Reads a caller's struct of any known version: what its version does not have is at its default.
engine::Status read_options(const wsecho_server_options& given, engine::ServerOptions& options);

}  // namespace wsecho::capi
