// Looks names up on a thread of its own, since that blocks for as long as the network wants: never
// on a loop. The thread is made with the first name. However slow it is, no more waits than one
// question of each asker.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>

#include "lws/connector.h"

namespace wsecho::engine {

class Resolver {
  public:
    using Answer = std::function<void(lws::Resolution)>;  // called on the thread

    Resolver() = default;
    Resolver(const Resolver&) = delete;
    Resolver& operator=(const Resolver&) = delete;
    ~Resolver() { stop(); }

    // Who asks for a name again that waits already is answered once. Several that ask for one name
    // wait for the same look-up.
    void look_up(const void* asker, const std::string& host, std::uint16_t port, Answer answer);
    // Waits for the name in hand; the others are given up, as are those that come later.
    void stop();

  private:
    struct Question {
        std::string host;
        std::uint16_t port;
        std::unordered_map<const void*, Answer> askers;
    };

    Question& question_about(const std::string& host, std::uint16_t port);
    void run();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Question> questions_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace wsecho::engine
