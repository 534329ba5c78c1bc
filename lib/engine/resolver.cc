#include "engine/resolver.h"

#include <algorithm>
#include <utility>

#include "engine/blocked_signals.h"

namespace wsecho::engine {

void Resolver::look_up(const void* asker, const std::string& host, std::uint16_t port,
                       Answer answer) {
    const std::scoped_lock lock{mutex_};
    if (stopping_) return;
    question_about(host, port).askers.insert_or_assign(asker, std::move(answer));
    if (!thread_.joinable()) {
        const AllSignalsBlocked blocked;
        thread_ = std::thread{[this] { run(); }};
    }
    changed_.notify_one();
}

// There are as many as endpoints: few.
Resolver::Question& Resolver::question_about(const std::string& host, std::uint16_t port) {
    const auto waiting =
        std::find_if(questions_.begin(), questions_.end(),
                     [&](const Question& each) { return each.host == host && each.port == port; });
    return waiting != questions_.end() ? *waiting
                                       : questions_.emplace_back(Question{host, port, {}});
}

void Resolver::stop() {
    {
        const std::scoped_lock lock{mutex_};
        stopping_ = true;
        questions_.clear();
    }
    changed_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void Resolver::run() {
    std::unique_lock lock{mutex_};
    for (;;) {
        changed_.wait(lock, [this] { return stopping_ || !questions_.empty(); });
        if (stopping_) return;
        const Question question = std::move(questions_.front());
        questions_.pop_front();
        lock.unlock();
        const auto found = lws::resolve(question.host, question.port);
        for (const auto& [asker, answer] : question.askers)
            answer(found);
        lock.lock();
    }
}

}  // namespace wsecho::engine
