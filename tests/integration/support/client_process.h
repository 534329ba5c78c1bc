// Clients in a process of their own: so that both ends of 10,000 connections are not more
// descriptors than one process has, and so that they can end, or go silent, all at once.
#pragma once

#include <sys/types.h>

#include <array>

namespace wsecho::test {

class ClientProcess {
  public:
    // Forks: before there is any thread. Its clients answer pings, and read on.
    explicit ClientProcess(unsigned clients);
    ClientProcess(const ClientProcess&) = delete;
    ClientProcess& operator=(const ClientProcess&) = delete;
    ~ClientProcess();

    // It connects them to a port of this machine, one after the other.
    void connect_to(int port);
    // By SIGKILL: the kernel closes their sockets.
    void kill();
    // By SIGSTOP: their sockets stay, and nobody answers.
    void freeze();

  private:
    std::array<int, 2> port_{};
    pid_t child_ = 0;
};

}  // namespace wsecho::test
