// A server that answers with any bytes, right or wrong: for what a client makes of them. Blocking,
// with a deadline on every wait; what goes wrong is thrown.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "support/frames.h"

struct ssl_st;

namespace wsecho::test {

class Identity;

// One connection, as the server has it.
class RawPeer {
  public:
    explicit RawPeer(int descriptor) : descriptor_(descriptor) {}
    RawPeer(RawPeer&& other) noexcept;
    RawPeer& operator=(RawPeer&& other) noexcept;
    RawPeer(const RawPeer&) = delete;
    RawPeer& operator=(const RawPeer&) = delete;
    ~RawPeer() { hang_up(); }

    // The head of a request, with the empty line that ends it.
    std::string read_request();
    // Past TLS, if there is any.
    void send_unsealed(std::string_view bytes);
    // From here on by TLS; false where the client breaks its handshake off.
    bool secure(const Identity& identity);
    // Reads one and accepts it; `more_headers` are whole lines.
    std::string shake_hands(std::string_view more_headers = {});
    void send(std::string_view bytes);
    void send_text(std::string_view payload) { send(frame(text, payload, {.masked = false})); }
    // The next frame, unmasked; throws where it has no mask. Nothing at the stream's end.
    std::optional<Frame> try_read_frame();
    Frame read_frame();
    std::string read_text();
    // Waits for the end of the stream, and passes over what comes before it.
    void read_to_end();
    // What comes goes to another socket, and what comes there goes back, on a thread, until either
    // ends.
    void pass_on_to(int other);
    void hang_up();

  private:
    bool receive();

    struct TlsDeleter {
        void operator()(ssl_st* session) const noexcept;
    };

    int descriptor_;
    std::unique_ptr<ssl_st, TlsDeleter> tls_;
    std::string received_;
    std::thread passing_on_;
};

// The value of a header of a request, or "" if there is none.
std::string header_of(const std::string& request, const std::string& name);
// What Sec-WebSocket-Accept has to be (RFC 6455, section 4.2.2).
std::string accept_of(const std::string& request);
// The answer that accepts a request.
std::string acceptance_of(const std::string& request, std::string_view more_headers = {});

class RawServer {
  public:
    RawServer();  // on any free port of 127.0.0.1
    RawServer(const RawServer&) = delete;
    RawServer& operator=(const RawServer&) = delete;
    ~RawServer();

    [[nodiscard]] int port() const { return port_; }
    [[nodiscard]] std::string url(std::string_view target = "/") const;
    [[nodiscard]] std::string secure_url(std::string_view host = "localhost") const;
    RawPeer accept();
    // Reads a request and answers it with these bytes.
    void answer_next(std::string_view bytes);
    // Nobody listens at its port any more, and nobody else gets it.
    void close();

  private:
    int keeper_;  // has the port as well, and never listens
    int descriptor_ = -1;
    int port_ = 0;
};

}  // namespace wsecho::test
