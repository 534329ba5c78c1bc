// Very many clients on one thread: raw sockets, and one epoll for all of them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "support/frames.h"

namespace wsecho::test {

class ClientCrowd {
  public:
    struct Client {
        std::uint32_t number;
        int descriptor;
        // False: the server is gone.
        [[nodiscard]] bool send(const std::string& bytes) const;
    };
    // False: the client hangs up.
    using OnFrame = std::function<bool(const Client&, const Frame&)>;

    // Connects them to a port of this machine, one after the other. Each asks for "/?NUMBER", from
    // 0; with a receive buffer of about this size, if not 0.
    ClientCrowd(int port, unsigned count, OnFrame on_frame, int receive_buffer = 0);

    // Until all of them are closed.
    void read_all();

  private:
    void open(int port, std::uint32_t number, int receive_buffer);
    bool read(const Client& client);

    const OnFrame on_frame_;
    const int epoll_;
    std::vector<std::string> buffers_;  // what has come and is no whole frame yet
};

}  // namespace wsecho::test
