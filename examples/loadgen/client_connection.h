// One connection of the load: its socket, how far it has come, and what it is owed.
// Small, since at ten thousand connections the cache decides what a message costs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "clock.h"
#include "file_descriptor.h"
#include "frames.h"

namespace wsecho::loadgen {

class ClientConnection {
  public:
    enum class State : std::uint8_t { unused, connecting, handshaking, open, closing, closed };

    // What is needed only until the connection is open.
    struct Opening {
        Time started;
        std::string response;
    };

    // Sends, and keeps what the socket does not take. False: it failed, and errno tells why.
    [[nodiscard]] bool send(Bytes bytes);
    // Sends what was kept.
    [[nodiscard]] bool flush();

    struct Received {
        std::size_t size = 0;
        bool ended = false;  // by the peer, or by `error`
        int error = 0;
    };
    // One read: nothing received and not ended means there was nothing to read.
    [[nodiscard]] Received receive(std::span<std::uint8_t> buffer) const noexcept;

    [[nodiscard]] bool has_unsent() const noexcept { return unsent_ != nullptr; }
    [[nodiscard]] std::uint32_t in_flight() const noexcept { return sent - answered; }

    FileDescriptor socket;
    State state = State::unused;
    bool differs = false;        // the message being received is not what was sent
    std::uint32_t number = 0;    // among all connections, from 0
    std::uint32_t sent = 0;      // messages: the next one's sequence number
    std::uint32_t answered = 0;  // messages: the sequence number of the next one expected
    FrameReader reader;
    std::unique_ptr<Opening> opening;

  private:
    struct Unsent {
        std::string bytes;
        std::size_t gone = 0;  // from the front of them
    };
    std::unique_ptr<Unsent> unsent_;
};

}  // namespace wsecho::loadgen
