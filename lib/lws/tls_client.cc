#include "lws/tls_client.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <climits>

namespace wsecho::lws {

namespace {

// ALPN's list: the handshake is one of HTTP/1.1 (RFC 6455, section 1.8).
constexpr std::array<unsigned char, 9> http_1_1{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

std::string last_error(const char* otherwise) {
    const unsigned long code = ERR_peek_last_error();
    ERR_clear_error();
    const char* const reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    return reason == nullptr ? otherwise : reason;
}

[[noreturn]] void fail_with(const char* what) {
    throw TlsFailure{last_error(what)};
}

bool is_address(const std::string& host) noexcept {
    return host.find(':') != std::string::npos ||
           host.find_first_not_of("0123456789.") == std::string::npos;
}

// RFC 6066, section 3: SNI is for names. RFC 9525, section 6: what the certificate has to name.
bool expect_host(SSL* session, const std::string& host) {
    X509_VERIFY_PARAM* const parameters = SSL_get0_param(session);
    if (is_address(host)) return X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str()) == 1;
    X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return X509_VERIFY_PARAM_set1_host(parameters, host.c_str(), host.size()) == 1 &&
           SSL_set_tlsext_host_name(session, host.c_str()) == 1;
}

int int_size(std::size_t size) noexcept {
    return static_cast<int>(std::min<std::size_t>(size, INT_MAX));
}

}  // namespace

void TlsContext::Deleter::operator()(ssl_ctx_st* context) const noexcept {
    SSL_CTX_free(context);
}

void TlsClient::Deleter::operator()(ssl_st* session) const noexcept {
    SSL_free(session);
}

TlsContext::TlsContext(const TlsOptions& options) : context_(SSL_CTX_new(TLS_client_method())) {
    if (!context_) fail_with("OpenSSL made no context");
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
    SSL_CTX_set_verify(context_.get(), options.verifies ? SSL_VERIFY_PEER : SSL_VERIFY_NONE,
                       nullptr);
    SSL_CTX_set_alpn_protos(context_.get(), http_1_1.data(), http_1_1.size());
    const bool loaded =
        options.ca_file.empty()
            ? SSL_CTX_set_default_verify_paths(context_.get()) == 1
            : SSL_CTX_load_verify_locations(context_.get(), options.ca_file.c_str(), nullptr) == 1;
    if (!loaded) fail_with("no certificates");
}

TlsClient::TlsClient(const TlsContext& context, const std::string& host)
    : session_(SSL_new(context.get())) {
    if (!session_) fail_with("OpenSSL made no session");
    BIO* const in = BIO_new(BIO_s_mem());
    BIO* const out = BIO_new(BIO_s_mem());
    SSL_set_bio(session_.get(), in, out);  // which owns them now
    if (in == nullptr || out == nullptr || !expect_host(session_.get(), host))
        fail_with("OpenSSL made no session");
    SSL_set_connect_state(session_.get());
    shake_hands();
}

void TlsClient::feed(std::span<const std::uint8_t> bytes) {
    while (!bytes.empty()) {
        const int taken =
            BIO_write(SSL_get_rbio(session_.get()), bytes.data(), int_size(bytes.size()));
        if (taken <= 0) return fail();
        bytes = bytes.subspan(static_cast<std::size_t>(taken));
    }
    if (state_ == State::shaking_hands) shake_hands();
}

void TlsClient::shake_hands() {
    ERR_clear_error();
    const int result = SSL_do_handshake(session_.get());
    if (result == 1)
        state_ = State::open;
    else if (SSL_get_error(session_.get(), result) != SSL_ERROR_WANT_READ)
        fail();
}

std::size_t TlsClient::read(std::span<std::uint8_t> room) {
    if (state_ != State::open) return 0;
    ERR_clear_error();
    const int count = SSL_read(session_.get(), room.data(), int_size(room.size()));
    if (count > 0) return static_cast<std::size_t>(count);
    const int error = SSL_get_error(session_.get(), count);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_ZERO_RETURN) fail();
    return 0;
}

// Its memory takes all of it.
void TlsClient::write(std::span<const std::uint8_t> bytes) {
    while (state_ == State::open && !bytes.empty()) {
        ERR_clear_error();
        const int written = SSL_write(session_.get(), bytes.data(), int_size(bytes.size()));
        if (written <= 0) return fail();
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
}

void TlsClient::say_goodbye() {
    ERR_clear_error();
    if (state_ == State::open) SSL_shutdown(session_.get());
    ERR_clear_error();
}

std::span<const std::uint8_t> TlsClient::take_output() {
    BIO* const out = SSL_get_wbio(session_.get());
    output_.resize(BIO_ctrl_pending(out));
    std::size_t taken = 0;
    if (!output_.empty()) BIO_read_ex(out, output_.data(), output_.size(), &taken);
    return std::span{output_}.first(taken);
}

void TlsClient::fail() {
    state_ = State::failed;
    const long verified = SSL_get_verify_result(session_.get());
    is_certificate_s_fault_ = verified != X509_V_OK && SSL_get_verify_mode(session_.get()) != 0;
    why_ = is_certificate_s_fault_
               ? std::string{"certificate: "} + X509_verify_cert_error_string(verified)
               : last_error("the TLS session broke");
    ERR_clear_error();
}

}  // namespace wsecho::lws
