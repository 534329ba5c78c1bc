// The statistics of a server as JSON, for --stats.
#pragma once

#include <wsecho/wsecho.h>

#include <string>

std::string statistics_json(const wsecho_server* server);
