// The client side: a number of connections that are made again when they end, to one of several
// endpoints. They live on the loops of a server. Any thread, but for what links use.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/connection_id.h"
#include "engine/dial_failure.h"
#include "engine/dial_plan.h"
#include "engine/error.h"
#include "engine/observer.h"
#include "engine/options.h"
#include "engine/prepared_message.h"
#include "engine/served_path.h"
#include "lws/tls_client.h"
#include "protocol/client_handshake.h"
#include "protocol/url.h"

namespace wsecho::engine {

class DialLink;
class Loop;
using TlsFailure = lws::TlsFailure;

struct DialerOptions {
    std::vector<protocol::Url> endpoints;  // the first that can be had, in this order
    std::optional<protocol::Url> proxy;
    protocol::ClientRequest request;
    DialTimes times;
    std::uint32_t connections = 1;
    lws::TlsOptions tls;
    ConnectionLimits limits;
};

inline constexpr std::uint32_t max_dialed_connections = 65536;
inline constexpr std::size_t max_remembered = 10000;

// The first thing wrong, with words that name the field.
Status check(const DialerOptions& options);

// Of a change of one connection's state; views live for the call.
struct DialEvent {
    DialState state;
    unsigned loop;
    std::uint32_t index;      // which of the dialer's connections
    ConnectionId connection;  // that is there, or that was
    const protocol::Url& endpoint;
    const DialFailure& failure;             // of Disconnected
    std::uint64_t failures;                 // attempts in a row
    std::optional<runtime::Duration> wait;  // before the next attempt; nothing: there is none
};

class DialObserver {
  public:
    virtual ~DialObserver() = default;
    // On the loop's thread. False: the user's code failed.
    virtual bool on_state(const DialEvent& event) = 0;
};

class Dialer : public std::enable_shared_from_this<Dialer> {
  public:
    // The observers outlive end(). The options have passed check(). Throws TlsFailure.
    Dialer(DialerOptions options, Observer& observer, DialObserver& dial_observer);
    Dialer(const Dialer&) = delete;
    Dialer& operator=(const Dialer&) = delete;
    ~Dialer();

    // On loops that run: each connection on one of them, from `first_loop` on.
    Status start(const std::vector<std::unique_ptr<Loop>>& loops, unsigned first_loop);
    void stop();
    // As stop(); when it returns nothing more is told. Not on a loop's thread.
    void end();

    // Of the connection that is farthest: Connected, if any is.
    [[nodiscard]] DialState state() const;
    // 0 while there is none.
    [[nodiscard]] ConnectionId connection(std::uint32_t index) const;

    // Keeps a message under its key, in the place of the one that was there, to be sent on each
    // connection before anything else.
    Status remember(std::string_view key, SharedMessage message);
    ErrorCode forget(std::string_view key);

    // --- For its links, on their loops ---

    [[nodiscard]] const DialerOptions& options() const noexcept { return options_; }
    [[nodiscard]] const lws::TlsContext& tls() const noexcept { return *tls_; }
    [[nodiscard]] ServedPath& path() noexcept { return path_; }
    [[nodiscard]] DialObserver& observer() noexcept { return dial_observer_; }
    [[nodiscard]] std::vector<SharedMessage> remembered() const;
    // One more link is at work; false: not any more. Each that was is to leave.
    bool enter();
    void leave();

  private:
    const DialerOptions options_;
    DialObserver& dial_observer_;
    ServedPath path_;
    std::optional<lws::TlsContext> tls_;  // where an endpoint wants it

    mutable std::mutex mutex_;
    std::condition_variable left_;
    std::vector<std::shared_ptr<DialLink>> links_;  // from the first start to the end
    std::vector<std::pair<std::string, SharedMessage>> remembered_;
    std::size_t remembered_bytes_ = 0;
    std::size_t at_work_ = 0;
    bool ended_ = false;
};

}  // namespace wsecho::engine
