// One accepted connection of the floor server: its socket and, only when a read or a write
// was cut short, the bytes that are left.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace wsecho::floor_server {

using Bytes = std::span<const std::uint8_t>;

class Connection {
  public:
    explicit Connection(int socket) noexcept : socket_(socket) {}
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    // False: the connection is broken.
    bool send(Bytes bytes);
    bool flush();

    // Fills `buffer` with what an earlier read left over and with one read more.
    // Returns how much it holds; nothing new and the end of the stream are told apart.
    enum class Read { some, none, ended };
    Read receive(std::vector<std::uint8_t>& buffer, std::size_t& size);
    void keep_for_next_read(Bytes bytes);

    [[nodiscard]] int socket() const noexcept { return socket_; }
    [[nodiscard]] bool has_unsent() const noexcept { return unsent_ != nullptr; }

    bool is_open = false;           // the handshake is done
    bool waits_for_room = false;    // the loop waits until the socket takes more
    bool closes_when_sent = false;  // a close frame was answered

  private:
    using Kept = std::unique_ptr<std::vector<std::uint8_t>>;
    int socket_;
    Kept unread_;
    Kept unsent_;
};

}  // namespace wsecho::floor_server
