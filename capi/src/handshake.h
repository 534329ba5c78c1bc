// A request as C sees it: texts with a terminating NUL.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocol/request_head.h"
#include "wsecho/wsecho.h"

namespace wsecho::capi {

class HandshakeTexts {
  public:
    explicit HandshakeTexts(const protocol::RequestHead& head);

    // Valid while this object and the address are.
    [[nodiscard]] wsecho_handshake view(const std::string& remote_address) const noexcept;

  private:
    const char* keep(std::string_view text);

    std::string texts_;  // one block, whose room is made at once: what points into it stays
    const char* method_ = nullptr;
    const char* uri_ = nullptr;
    const char* query_ = nullptr;
    std::vector<wsecho_header> headers_;
    std::vector<const char*> subprotocols_;
};

}  // namespace wsecho::capi
