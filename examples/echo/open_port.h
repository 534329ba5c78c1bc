// Limits that wsecho-echo sets of itself where others than this machine can reach it: an echo
// server on an open port is soon found, and used.
#pragma once

#include <string>
#include <vector>

#include "options.h"

// Sets what the command line leaves open: on a loopback address and a Unix socket no limits, else
// some that no honest peer meets. Returns a line for each that was set, with the option that
// changes it.
std::vector<std::string> limit_open_port(EchoOptions& options);
