// The OpenSSL calls.
#include "net/tls.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <array>
#include <stdexcept>

namespace wsecho::loadgen {
namespace {

std::string words(unsigned long error) {  // NOLINT(google-runtime-int): OpenSSL's type
    const char* const reason = ::ERR_reason_error_string(error);
    return reason == nullptr ? "TLS failed" : reason;
}

bool is_address(const std::string& host) {
    std::array<unsigned char, sizeof(in6_addr)> parsed{};
    return ::inet_pton(AF_INET, host.c_str(), parsed.data()) == 1 ||
           ::inet_pton(AF_INET6, host.c_str(), parsed.data()) == 1;
}

}  // namespace

TlsContext::TlsContext(const Trust& trust) : context_(::SSL_CTX_new(::TLS_client_method())) {
    if (!context_) throw std::runtime_error(words(::ERR_get_error()));
    ::SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
    // What is left of a partial write may stand elsewhere in memory when it is tried again.
    ::SSL_CTX_set_mode(context_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                           SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                           SSL_MODE_RELEASE_BUFFERS);
    if (trust.anything) return;
    ::SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    const bool loaded = trust.authority_file.empty()
                            ? ::SSL_CTX_set_default_verify_paths(context_.get()) == 1
                            : ::SSL_CTX_load_verify_locations(
                                  context_.get(), trust.authority_file.c_str(), nullptr) == 1;
    if (!loaded) {
        throw std::invalid_argument(
            fmt::format("'{}' cannot be read, or has no certificates (PEM)", trust.authority_file));
    }
}

TlsSession::TlsSession(const TlsContext& context, int socket, const std::string& host)
    : session_(::SSL_new(context.get())) {
    if (!session_) throw std::bad_alloc();
    ::SSL_set_fd(session_.get(), socket);
    ::SSL_set_connect_state(session_.get());
    if (is_address(host)) {
        ::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(session_.get()), host.c_str());
    } else {
        ::SSL_set_tlsext_host_name(session_.get(), host.c_str());
        ::SSL_set1_host(session_.get(), host.c_str());
    }
}

TlsSession::Status TlsSession::status_of(int result) {
    switch (::SSL_get_error(session_.get(), result)) {
        case SSL_ERROR_NONE:
            return Status::done;
        case SSL_ERROR_WANT_READ:
        case SSL_ERROR_WANT_WRITE:
            return Status::would_block;
        case SSL_ERROR_ZERO_RETURN:
            return Status::ended;
        default:
            error_ = ::ERR_get_error();
            // A peer that hangs up without TLS's goodbye: the end all the same.
            return error_ == 0 || ERR_GET_REASON(error_) == SSL_R_UNEXPECTED_EOF_WHILE_READING
                       ? Status::ended
                       : Status::failed;
    }
}

TlsSession::Status TlsSession::handshake() {
    ::ERR_clear_error();
    return status_of(::SSL_do_handshake(session_.get()));
}

TlsSession::Result TlsSession::read(std::span<std::uint8_t> buffer) {
    ::ERR_clear_error();
    std::size_t size = 0;
    const int result = ::SSL_read_ex(session_.get(), buffer.data(), buffer.size(), &size);
    return result == 1 ? Result{Status::done, size} : Result{status_of(result), 0};
}

TlsSession::Result TlsSession::write(std::span<const std::uint8_t> bytes) {
    ::ERR_clear_error();
    std::size_t size = 0;
    const int result = ::SSL_write_ex(session_.get(), bytes.data(), bytes.size(), &size);
    return result == 1 ? Result{Status::done, size} : Result{status_of(result), 0};
}

std::string TlsSession::problem() const {
    const long verified = ::SSL_get_verify_result(session_.get());  // NOLINT(google-runtime-int)
    if (verified != X509_V_OK) {
        return fmt::format("TLS: {}", ::X509_verify_cert_error_string(verified));
    }
    return fmt::format("TLS: {}", words(error_));
}

}  // namespace wsecho::loadgen
