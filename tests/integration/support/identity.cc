#include "support/identity.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>
#include <stdexcept>

namespace wsecho::test {

namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

// A type of its own: gcc 14 refuses std::fclose, whose declaration bears attributes, as an
// argument.
struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Closer>;

void expect(bool done) {
    if (!done) throw std::runtime_error("OpenSSL made no certificate");
}

void add_extension(X509* certificate, X509* issuer, int kind, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension{
        X509V3_EXT_conf_nid(nullptr, &context, kind, value), X509_EXTENSION_free};
    expect(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
}

struct Signer {
    X509* certificate;  // nullptr: itself
    EVP_PKEY* key;
};

Certificate make(EVP_PKEY* key, const char* name, const Signer& signer, long valid_for_seconds) {
    Certificate certificate{X509_new(), X509_free};
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), signer.certificate ? 2 : 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -7200);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), valid_for_seconds);
    X509_set_pubkey(certificate.get(), key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
    X509* const issuer = signer.certificate ? signer.certificate : certificate.get();
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer));
    return certificate;
}

void sign(X509* certificate, EVP_PKEY* key) {
    expect(X509_sign(certificate, key, EVP_sha256()) > 0);
}

File open(const std::string& path) {
    File file{std::fopen(path.c_str(), "w")};
    expect(file != nullptr);
    return file;
}

std::filesystem::path make_folder() {
    std::string name = std::filesystem::temp_directory_path() / "wsecho-identity-XXXXXX";
    expect(::mkdtemp(name.data()) != nullptr);
    return name;
}

}  // namespace

Identity::Identity(const std::string& names, long valid_for_seconds) : folder_(make_folder()) {
    const Key authority_key{EVP_EC_gen("P-256"), EVP_PKEY_free};
    const auto authority =
        make(authority_key.get(), "an authority", {nullptr, authority_key.get()}, 3600);
    add_extension(authority.get(), authority.get(), NID_basic_constraints, "critical,CA:TRUE");
    sign(authority.get(), authority_key.get());

    const Key key{EVP_EC_gen("P-256"), EVP_PKEY_free};
    const auto certificate =
        make(key.get(), "a server", {authority.get(), authority_key.get()}, valid_for_seconds);
    add_extension(certificate.get(), authority.get(), NID_subject_alt_name, names.c_str());
    sign(certificate.get(), authority_key.get());

    PEM_write_X509(open(authority_file()).get(), authority.get());
    PEM_write_X509(open(certificate_file()).get(), certificate.get());
    PEM_write_PrivateKey(open(key_file()).get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
}

Identity::~Identity() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

}  // namespace wsecho::test
