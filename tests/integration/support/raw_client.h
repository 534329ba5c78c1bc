// A client that sends any bytes, however they are cut, and reads what comes. Blocking, with a
// deadline on every wait; what goes wrong is thrown, which fails the test with its words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/frames.h"

namespace wsecho::test {

class TestServer;

// The key of RFC 6455, section 1.3, and the answer that it must get.
inline constexpr std::string_view sample_key = "dGhlIHNhbXBsZSBub25jZQ==";
inline constexpr std::string_view sample_accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

// A handshake request; `more_headers` are whole lines, each with its CRLF.
std::string upgrade_request(std::string_view target = "/", std::string_view more_headers = {});

struct Response {
    int status = 0;
    std::string head;
    std::string body;
    // The value of a header, or "" if there is none.
    [[nodiscard]] std::string header(const std::string& name) const;
};

class RawClient {
  public:
    // Connected, and nothing said yet.
    static RawClient tcp(int port, const char* host = "127.0.0.1");
    // From an address of this machine: all of 127.0.0.0/8 are.
    static RawClient tcp_from(const char* source, int port);
    static RawClient unix_socket(const std::string& path);
    // A socket made ahead of connect_to(), for a process that soon has no descriptor left; with
    // a receive buffer of about this size, if not 0.
    static RawClient unconnected(int receive_buffer = 0);
    void connect_to(int port);

    RawClient(RawClient&& other) noexcept;
    RawClient& operator=(RawClient&& other) noexcept;
    ~RawClient();

    // Sends the request and reads the 101.
    RawClient& shake_hands(std::string_view target = "/", std::string_view more_headers = {});

    void send(std::string_view bytes);
    void send_in_pieces(std::string_view bytes, std::size_t piece);
    void send_text(std::string_view payload) { send(frame(text, payload)); }
    void send_binary(std::string_view payload) { send(frame(binary, payload)); }

    // It was agreed on: frames may say that they are.
    void allow_compression() { allows_compression_ = true; }

    Response read_response();
    // The next frame; nothing where the stream ends, in whatever manner.
    std::optional<Frame> try_read_frame();
    // The next frame, which there must be.
    Frame read_frame();
    std::string read_text();
    // Waits for the end of the stream, and passes over what comes before it.
    void read_to_end();
    // Reads a close frame, answers it as section 5.5.1 wants, and waits for the hang-up.
    Frame take_close();
    // Is there nothing to read at this moment?
    [[nodiscard]] bool is_silent() const;

    [[nodiscard]] int descriptor() const { return descriptor_; }

    void shut_down_writing();
    // Hangs up with a reset instead of an orderly end.
    void reset();
    void hang_up();

    // "127.0.0.1:4711", as the server should see this end.
    [[nodiscard]] std::string local_address() const;
    [[nodiscard]] std::uint64_t bytes_sent() const { return bytes_sent_; }
    [[nodiscard]] std::uint64_t bytes_received() const { return bytes_received_; }

  private:
    explicit RawClient(int descriptor);
    // More bytes into the buffer; false at the end of the stream.
    bool receive();

    int descriptor_;
    std::string received_;
    bool allows_compression_ = false;
    std::uint64_t bytes_sent_ = 0;
    std::uint64_t bytes_received_ = 0;
};

// Connected to the server's port, with the handshake done.
RawClient open_client(const TestServer& server, std::string_view target = "/");
// So many, and the server has called its open callback for each.
std::vector<RawClient> open_clients(const TestServer& server, std::size_t count);

}  // namespace wsecho::test
