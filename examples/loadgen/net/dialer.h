// Starts TCP connections to one target, spread over source addresses when it is local: one
// source address has 28,000 ports by default, and fewer once earlier runs left some waiting.
// It does not change once it is made, so threads share one.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <vector>

#include "net/file_descriptor.h"
#include "wire/target.h"

namespace wsecho::loadgen {

class Dialer {
  public:
    struct Address {
        sockaddr_storage bytes{};
        socklen_t size = 0;
    };

    // Resolves the host. `sources` are addresses to connect from, in turn; with none of them
    // a loopback target is connected to from 127.0.0.2 and up, any other from where the system
    // chooses. Throws TargetError when an address is none, or of another family.
    Dialer(const Target& target, const std::vector<std::string>& sources,
           std::uint32_t connections);

    // A non-blocking socket whose connect is under way; throws std::system_error.
    // `receive_buffer` in bytes, 0: as the system sets it.
    [[nodiscard]] FileDescriptor start(std::uint32_t connection, int receive_buffer) const;

    // How many connections the source addresses have ports for.
    [[nodiscard]] std::uint64_t ports() const;
    [[nodiscard]] std::size_t sources() const noexcept { return sources_.size(); }

  private:
    Address address_;
    std::vector<Address> sources_;  // none: the system's choice
};

}  // namespace wsecho::loadgen
