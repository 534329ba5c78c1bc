// A client that has agreed on permessage-deflate, with zlib itself in place of the library's code.
#pragma once

#include <zlib.h>

#include <string>

#include "support/raw_client.h"

namespace wsecho::test {

class TestServer;

inline const std::string deflate_offer = "Sec-WebSocket-Extensions: permessage-deflate\r\n";

// A message that stands alone, as it travels.
std::string deflated(const std::string& payload);
// One that refers to `before`, which it takes for a message that its receiver has.
std::string deflated_behind(const std::string& before, const std::string& payload);
std::string compressed_frame(unsigned opcode, const std::string& deflated_payload);

// Inflates what is compressed, and keeps its context if the server does.
class DeflatePeer {
  public:
    explicit DeflatePeer(const TestServer& server, const std::string& headers = deflate_offer);
    DeflatePeer(const DeflatePeer&) = delete;
    DeflatePeer& operator=(const DeflatePeer&) = delete;
    ~DeflatePeer();

    // The payload of the next frame, inflated if it is a compressed text.
    std::string read();
    void send(const std::string& payload) {
        client.send(compressed_frame(text, deflated(payload)));
    }

    RawClient client;
    std::string extensions;
    bool was_compressed = false;

  private:
    std::string inflated(std::string in);

    z_stream stream_{};
    bool keeps_ = false;
};

}  // namespace wsecho::test
