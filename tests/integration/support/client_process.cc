#include "support/client_process.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <stdexcept>

namespace wsecho::test {

ClientProcess::ClientProcess(const Work& work) {
    if (pipe(port_.data()) != 0) throw std::runtime_error("pipe");
    child_ = fork();
    if (child_ < 0) throw std::runtime_error("fork");
    if (child_ != 0) return;
    try {
        int port = 0;
        if (::read(port_[0], &port, sizeof port) == sizeof port) work(port);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "clients: %s\n", error.what());
        _exit(1);
    }
    _exit(0);
}

ClientProcess::~ClientProcess() {
    kill();
    for (const int end : port_)
        ::close(end);
}

void ClientProcess::connect_to(int port) {
    if (::write(port_[1], &port, sizeof port) != static_cast<ssize_t>(sizeof port))
        throw std::runtime_error("the client process has ended");
}

void ClientProcess::kill() {
    if (child_ == 0) return;
    ::kill(child_, SIGKILL);
    wait();
}

void ClientProcess::freeze() {
    ::kill(child_, SIGSTOP);
}

bool ClientProcess::has_ended() {
    if (child_ != 0 && waitpid(child_, &status_, WNOHANG) == child_) child_ = 0;
    return child_ == 0;
}

int ClientProcess::wait() {
    if (child_ != 0) waitpid(child_, &status_, 0);
    child_ = 0;
    return status_;
}

}  // namespace wsecho::test
