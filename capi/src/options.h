// The options structs of the C header, and what they say to the engine.
#pragma once

#include "engine/options.h"
#include "wsecho/wsecho.h"

namespace wsecho::capi {

// Reads a caller's struct of any known version: what its version does not have is at its default.
engine::Status read_options(const wsecho_server_options& given, engine::ServerOptions& options);

// Into options that hold what the server's own connections have.
engine::Status read_path_options(const wsecho_path_options& given, engine::PathOptions& options);

}  // namespace wsecho::capi
