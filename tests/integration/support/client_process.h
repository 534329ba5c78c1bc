// Clients in a process of their own: so that both ends of 10,000 connections are not more
// descriptors than one process has, and so that they can end, or go silent, all at once.
#pragma once

#include <sys/types.h>

#include <array>
#include <functional>

namespace wsecho::test {

class ClientProcess {
  public:
    // Forks: before there is any thread. The child waits for connect_to(), does its work, and ends;
    // with status 1 and its words on standard error, where that throws.
    using Work = std::function<void(int port)>;
    explicit ClientProcess(const Work& work);
    ClientProcess(const ClientProcess&) = delete;
    ClientProcess& operator=(const ClientProcess&) = delete;
    ~ClientProcess();

    void connect_to(int port);
    // By SIGKILL: the kernel closes its sockets.
    void kill();
    // By SIGSTOP: its sockets stay, and nobody answers.
    void freeze();

    // Has it ended by itself?
    [[nodiscard]] bool has_ended();
    // For its end; what waitpid() says of it.
    int wait();

  private:
    std::array<int, 2> port_{};
    pid_t child_ = 0;  // 0: there is none any more
    int status_ = -1;
};

}  // namespace wsecho::test
