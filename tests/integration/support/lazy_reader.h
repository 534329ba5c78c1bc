// A peer that does not read: the kernel's buffers on both sides fill up, and then the queue does.
#pragma once

#include <string>

#include "support/raw_client.h"
#include "support/test_server.h"

namespace wsecho::test {

// The kernel's buffers on both sides take a few MiB before the queue grows.
inline constexpr int more_than_enough = 20'000;

// Numbered, and long enough to fill a queue; each of another length.
inline std::string numbered(int n) {
    return std::to_string(n) + ":" + std::string(3000 + static_cast<std::size_t>(n % 1000), 'x');
}

inline int number_of(const std::string& payload) {
    return std::stoi(payload);
}

// With small buffers; it has said hello, and does not read.
inline RawClient lazy_reader(const TestServer& server, std::string_view target = "/") {
    auto client = RawClient::unconnected(8192);
    client.connect_to(server.port());
    client.shake_hands(target);
    return client;
}

}  // namespace wsecho::test
