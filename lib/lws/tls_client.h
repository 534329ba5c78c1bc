// TLS as a client speaks it, on bytes instead of a socket: what has arrived goes in, what is to be
// sent comes out. By OpenSSL, on memory of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

struct ssl_st;
struct ssl_ctx_st;

namespace wsecho::lws {

struct TlsOptions {
    std::string ca_file;  // of certificates in PEM; empty: those that the system trusts
    bool verifies = true;
};

// Thrown where a context cannot be made; the text is for the user.
struct TlsFailure {
    std::string why;
};

// What sessions have in common. Any thread.
class TlsContext {
  public:
    // Throws TlsFailure.
    explicit TlsContext(const TlsOptions& options);

    [[nodiscard]] ssl_ctx_st* get() const noexcept { return context_.get(); }

  private:
    struct Deleter {
        void operator()(ssl_ctx_st* context) const noexcept;
    };
    std::unique_ptr<ssl_ctx_st, Deleter> context_;
};

// One session, from its first byte on.
class TlsClient {
  public:
    enum class State : std::uint8_t { shaking_hands, open, failed };

    // The certificate has to be for this host: a name, or an address. Throws TlsFailure.
    TlsClient(const TlsContext& context, const std::string& host);

    [[nodiscard]] State state() const noexcept { return state_; }
    // Of one that failed.
    [[nodiscard]] const std::string& why() const noexcept { return why_; }
    [[nodiscard]] bool is_certificate_s_fault() const noexcept { return is_certificate_s_fault_; }

    // Takes bytes of the peer's. Then there may be some to be sent, and some to be read.
    void feed(std::span<const std::uint8_t> bytes);
    // What the peer said, as far as there is room; 0: nothing more.
    [[nodiscard]] std::size_t read(std::span<std::uint8_t> room);
    // To be sent in an open session.
    void write(std::span<const std::uint8_t> bytes);
    // That nothing more will be sent.
    void say_goodbye();

    // What belongs on the socket now, in memory that the next call takes again.
    [[nodiscard]] std::span<const std::uint8_t> take_output();

  private:
    struct Deleter {
        void operator()(ssl_st* session) const noexcept;
    };

    void shake_hands();
    void fail();

    std::unique_ptr<ssl_st, Deleter> session_;
    std::vector<std::uint8_t> output_;
    State state_ = State::shaking_hands;
    bool is_certificate_s_fault_ = false;
    std::string why_;
};

}  // namespace wsecho::lws
