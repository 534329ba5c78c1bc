// TLS for the client's side of a connection, by OpenSSL on a non-blocking socket.
#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace wsecho::loadgen {

// What all connections share: the certificates that are trusted. Shared by threads.
class TlsContext {
  public:
    struct Trust {
        bool anything = false;       // take any certificate
        std::string authority_file;  // PEM; empty: the system's
    };
    // Throws std::invalid_argument when the file cannot be read.
    explicit TlsContext(const Trust& trust);

    [[nodiscard]] SSL_CTX* get() const noexcept { return context_.get(); }

  private:
    struct Free {
        void operator()(SSL_CTX* context) const noexcept { ::SSL_CTX_free(context); }
    };
    std::unique_ptr<SSL_CTX, Free> context_;
};

class TlsSession {
  public:
    // Of a connected socket, which it does not own. `host` is what the certificate must name.
    TlsSession(const TlsContext& context, int socket, const std::string& host);

    enum class Status { done, would_block, ended, failed };

    [[nodiscard]] Status handshake();
    struct Result {
        Status status = Status::failed;
        std::size_t size = 0;
    };
    [[nodiscard]] Result read(std::span<std::uint8_t> buffer);
    [[nodiscard]] Result write(std::span<const std::uint8_t> bytes);

    // Of the last failure, in words.
    [[nodiscard]] std::string problem() const;

  private:
    Status status_of(int result);

    struct Free {
        void operator()(SSL* session) const noexcept { ::SSL_free(session); }
    };
    std::unique_ptr<SSL, Free> session_;
    unsigned long error_ = 0;  // NOLINT(google-runtime-int): OpenSSL's type
};

}  // namespace wsecho::loadgen
