#include "engine/loop_dials.h"

#include <utility>

#include "engine/loop.h"
#include "protocol/client_frame.h"

namespace wsecho::engine {

using runtime::TimePoint;

namespace {

constexpr auto tick = std::chrono::milliseconds{5};
constexpr std::size_t plain_text_bytes = std::size_t{64} << 10U;
constexpr std::size_t max_kept_bytes = std::size_t{256} << 10U;

}  // namespace

LoopDials::LoopDials(Loop& loop) : loop_(loop), wheel_(std::chrono::steady_clock::now(), tick) {}

void LoopDials::add(std::shared_ptr<DialLink> link) {
    const DialLink* const key = link.get();
    links_.emplace(key, std::move(link));
}

void LoopDials::remove(DialLink& link) {
    links_.erase(&link);
}

void LoopDials::let_all_go() {
    std::vector<std::shared_ptr<DialLink>> links;
    links.reserve(links_.size());
    for (const auto& [key, link] : links_)
        links.push_back(link);
    for (const auto& link : links)
        link->let_go();
}

void LoopDials::schedule(DialLink& link, TimePoint due) {
    wheel_.schedule(link, due);
    loop_.arm(due + tick);
}

void LoopDials::on_timer(TimePoint now) {
    while (runtime::Timer* timer = wheel_.take_due(now))
        static_cast<DialLink*>(timer)->shared_from_this()->on_due(now);
}

std::span<const std::uint8_t> LoopDials::masked(protocol::Opcode opcode,
                                                std::span<const std::uint8_t> payload) {
    if (frame_.capacity() > max_kept_bytes) frame_ = {};
    frame_.clear();
    protocol::append_client_frame(frame_, opcode, payload,
                                  random_.take<protocol::masking_key_size>());
    return frame_;
}

std::span<std::uint8_t> LoopDials::plain_text() {
    plain_text_.resize(plain_text_bytes);
    return plain_text_;
}

}  // namespace wsecho::engine
