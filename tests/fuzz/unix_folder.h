// A Unix socket's path in a folder of its own, which is gone with its owner; and clients of it.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "fuzz.h"

namespace wsecho::fuzz {

class UnixFolder {
  public:
    UnixFolder() {
        char folder[] = "/tmp/wsecho-fuzz-XXXXXX";
        require(::mkdtemp(folder) != nullptr, "there is a folder for the socket");
        folder_ = folder;
        socket_ = folder_ + "/socket";
    }
    UnixFolder(const UnixFolder&) = delete;
    UnixFolder& operator=(const UnixFolder&) = delete;
    ~UnixFolder() { std::filesystem::remove_all(folder_); }

    [[nodiscard]] const std::string& socket() const noexcept { return socket_; }

    // A connected descriptor; -1 where nobody listens.
    [[nodiscard]] int connect() const {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        socket_.copy(address.sun_path, sizeof address.sun_path - 1);
        const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
            return descriptor;
        ::close(descriptor);
        return -1;
    }

  private:
    std::string folder_;
    std::string socket_;
};

}  // namespace wsecho::fuzz
