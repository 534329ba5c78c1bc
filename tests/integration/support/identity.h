// Certificates for a test, in files that end with it: an authority of its own, and what it has
// signed for a server.
#pragma once

#include <filesystem>
#include <string>

namespace wsecho::test {

class Identity {
  public:
    // `names` as OpenSSL has alternative names: "DNS:localhost,IP:127.0.0.1".
    explicit Identity(const std::string& names = "DNS:localhost,IP:127.0.0.1",
                      long valid_for_seconds = 3600);
    Identity(const Identity&) = delete;
    Identity& operator=(const Identity&) = delete;
    ~Identity();

    [[nodiscard]] std::string authority_file() const { return folder_ / "authority.pem"; }
    [[nodiscard]] std::string certificate_file() const { return folder_ / "certificate.pem"; }
    [[nodiscard]] std::string key_file() const { return folder_ / "key.pem"; }

  private:
    std::filesystem::path folder_;
};

}  // namespace wsecho::test
