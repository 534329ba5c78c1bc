// One connection of the load: its socket, how far it has come, and what it is owed.
// One cache line, since at ten thousand connections the cache decides what a message costs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "measure/clock.h"
#include "measure/ledger.h"
#include "net/file_descriptor.h"
#include "net/tls.h"
#include "wire/frames.h"

namespace wsecho::loadgen {

class alignas(64) ClientConnection {
  public:
    enum class State : std::uint8_t {
        unused,
        connecting,
        encrypting,
        handshaking,
        open,
        closing,
        closed
    };

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
    [[nodiscard]] Received receive(std::span<std::uint8_t> buffer);

    void begin_opening(Time started);
    void end_opening() noexcept { extra_->opening.reset(); }
    // Null once it is open.
    [[nodiscard]] Opening* opening() const noexcept {
        return extra_ ? extra_->opening.get() : nullptr;
    }
    void begin_tls(const TlsContext& context, const std::string& host);
    [[nodiscard]] TlsSession* tls() const noexcept { return extra_ ? extra_->tls.get() : nullptr; }
    // A compressed message that has not come whole.
    [[nodiscard]] std::vector<std::uint8_t>& compressed();

    // Hangs up, and forgets all but its account.
    void reset() noexcept;

    [[nodiscard]] bool has_unsent() const noexcept { return extra_ && !extra_->unsent.empty(); }
    [[nodiscard]] bool is_open() const noexcept { return state == State::open; }

    FileDescriptor socket;
    State state = State::unused;
    bool stalled = false;        // never read from, on purpose
    std::uint16_t goodbyes = 0;  // said by us, to tell one from the next
    std::uint32_t number = 0;    // among all connections of the run, from 0
    std::uint32_t index = 0;     // among those of its thread
    Account account;
    FrameReader reader;

  private:
    struct Extra {
        std::unique_ptr<Opening> opening;
        std::unique_ptr<TlsSession> tls;
        std::string unsent;
        std::size_t gone = 0;  // from the front of it
        std::vector<std::uint8_t> compressed;
    };
    struct Sent {
        std::size_t size = 0;
        bool failed = false;
    };
    Extra& extra();
    Sent write(Bytes bytes);

    std::unique_ptr<Extra> extra_;
};

}  // namespace wsecho::loadgen
