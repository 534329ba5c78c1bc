// The end of wsecho-echo: peers are told, and waited for.
#pragma once

#include <wsecho/wsecho.h>

#include <csignal>

#include "options.h"

// Returns when the server is stopped. One of these signals, which are blocked, cuts it short.
void drain(wsecho_server* server, const EchoOptions& options, const sigset_t& end_signals);
