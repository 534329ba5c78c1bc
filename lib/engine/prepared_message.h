// A message encoded once: header and payload in one block, shared by every queue it waits in.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "protocol/frame.h"
#include "runtime/backlog.h"

namespace wsecho::engine {

class PreparedMessage;
using SharedMessage = std::shared_ptr<const PreparedMessage>;

// A message as those get it who have agreed on compression, and on a window of this size at least.
struct DeflatedForm {
    SharedMessage message;  // nothing where it is no smaller
    int window_bits = 0;
};

class PreparedMessage {
  public:
    PreparedMessage(protocol::Opcode opcode, std::span<const std::uint8_t> payload,
                    const runtime::WaitingTerms& terms = {}, bool compressed = false)
        : opcode_(opcode), terms_(terms) {
        const protocol::ServerHeader header{opcode, payload.size(), compressed};
        header_size_ = header.bytes().size();
        frame_.reserve(header_size_ + payload.size());
        frame_.insert(frame_.end(), header.bytes().begin(), header.bytes().end());
        frame_.insert(frame_.end(), payload.begin(), payload.end());
    }

    // Frames that are encoded already, one behind the other.
    explicit PreparedMessage(std::vector<std::uint8_t> frames)
        : frame_(std::move(frames)), header_size_(frame_.size()) {}

    [[nodiscard]] std::span<const std::uint8_t> frame() const noexcept { return frame_; }

    // Of a single message.
    [[nodiscard]] protocol::Opcode opcode() const noexcept { return opcode_; }
    [[nodiscard]] std::span<const std::uint8_t> payload() const noexcept {
        return frame().subspan(header_size_);
    }

    // What holds while it waits for a peer.
    [[nodiscard]] const runtime::WaitingTerms& terms() const noexcept { return terms_; }
    [[nodiscard]] bool has_deadline() const noexcept {
        return terms_.deadline != runtime::TimePoint::max();
    }
    [[nodiscard]] bool is_late(runtime::TimePoint now) const noexcept {
        return now >= terms_.deadline;
    }

    // Made once, by whichever loop is the first to ask; the others wait for it, since making it
    // again would take them longer.
    template <class Make>  // Make: const PreparedMessage& -> DeflatedForm
    const DeflatedForm& deflated(Make&& make) const {
        const std::scoped_lock lock{mutex_};
        if (!deflated_) deflated_ = make(*this);
        return *deflated_;
    }

    // Writes a number over number_size() bytes of the payload of a single frame, before it is
    // shared: in decimal behind spaces in a text, which JSON allows; in network order in a binary.
    static constexpr std::size_t number_size(protocol::Opcode opcode) noexcept {
        return opcode == protocol::Opcode::text ? 20 : sizeof(std::uint64_t);
    }
    void write_number(std::size_t at, std::uint64_t number) noexcept;

  private:
    std::vector<std::uint8_t> frame_;
    std::size_t header_size_;
    protocol::Opcode opcode_{};
    runtime::WaitingTerms terms_;
    mutable std::mutex mutex_;
    mutable std::optional<DeflatedForm> deflated_;  // does not change any more
};

inline SharedMessage prepare(protocol::Opcode opcode, std::span<const std::uint8_t> payload,
                             const runtime::WaitingTerms& terms = {}) {
    return std::make_shared<const PreparedMessage>(opcode, payload, terms);
}

}  // namespace wsecho::engine
