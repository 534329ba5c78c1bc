// Starts TCP connections to one target, spread over source addresses when it is local: one
// source address has 28,000 ports by default, and fewer once earlier runs left some waiting.
#pragma once

#include <sys/socket.h>

#include <cstdint>

#include "file_descriptor.h"
#include "target.h"

namespace wsecho::loadgen {

class Dialer {
  public:
    // Resolves the host; throws TargetError when it has no address.
    Dialer(const Target& target, std::uint32_t connections);

    // A non-blocking socket whose connect is under way; throws std::system_error.
    [[nodiscard]] FileDescriptor start(std::uint32_t connection) const;

  private:
    sockaddr_storage address_{};
    socklen_t address_size_ = 0;
    std::uint32_t source_addresses_ = 0;  // 127.0.0.2 and up; 0: the system's choice
};

}  // namespace wsecho::loadgen
