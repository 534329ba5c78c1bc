#include "engine/dialer.h"

#include <algorithm>
#include <numeric>

#include "engine/dial_link.h"
#include "engine/loop.h"
#include "protocol/client_frame.h"

namespace wsecho::engine {

namespace {

constexpr auto longest_time = std::chrono::hours{24 * 49};

Status wrong(const char* field, const std::string& why) {
    return {ErrorCode::invalid_option, std::string{field} + ": " + why};
}

bool is_time(runtime::Duration time) {
    return time.count() > 0 && time <= longest_time;
}

std::size_t size_on_the_wire(const SharedMessage& message) {
    return protocol::client_frame_size(message->payload().size());
}

}  // namespace

Status check(const DialerOptions& options) {
    using Scheme = protocol::Url::Scheme;
    if (options.endpoints.empty()) return wrong("urls", "at least one is needed");
    for (const protocol::Url& url : options.endpoints)
        if (url.scheme == Scheme::http) return wrong("urls", "must be ws: or wss: URLs");
    if (options.proxy && options.proxy->scheme != Scheme::http)
        return wrong("proxy", "must be an http: URL");
    if (auto problem = protocol::problem_of(options.request); !problem.empty())
        return {ErrorCode::invalid_option, std::move(problem)};
    const DialTimes& times = options.times;
    if (!is_time(times.connect_timeout)) return wrong("connect_timeout_ms", "must be 1 to 49 days");
    if (!is_time(times.retry_max)) return wrong("retry_max_ms", "must be 1 ms to 49 days");
    if (!is_time(times.retry_first) || times.retry_first > times.retry_max)
        return wrong("retry_first_ms", "must be 1 to retry_max_ms");
    if (options.connections == 0 || options.connections > max_dialed_connections)
        return wrong("connections", "must be 1 to 65536");
    return check(options.limits);
}

Dialer::Dialer(DialerOptions options, Observer& observer, DialObserver& dial_observer)
    : options_(std::move(options)),
      dial_observer_(dial_observer),
      path_({{}, 0, options_.limits}, observer) {
    if (std::any_of(options_.endpoints.begin(), options_.endpoints.end(),
                    [](const protocol::Url& url) { return url.is_secure(); }))
        tls_.emplace(options_.tls);
}

Dialer::~Dialer() = default;

Status Dialer::start(const std::vector<std::unique_ptr<Loop>>& loops, unsigned first_loop) {
    const std::scoped_lock lock{mutex_};
    for (auto i = static_cast<std::uint32_t>(links_.size()); i < options_.connections; ++i) {
        Loop& loop = *loops[(first_loop + i) % loops.size()];
        links_.push_back(std::make_shared<DialLink>(shared_from_this(), loop, i));
    }
    for (const auto& link : links_)
        link->post(DialNote::What::start);
    return {};
}

void Dialer::stop() {
    const std::scoped_lock lock{mutex_};
    for (const auto& link : links_)
        link->post(DialNote::What::stop);
}

void Dialer::end() {
    stop();
    std::unique_lock lock{mutex_};
    ended_ = true;
    left_.wait(lock, [this] { return at_work_ == 0; });
    links_.clear();  // which hold it
}

bool Dialer::enter() {
    const std::scoped_lock lock{mutex_};
    if (ended_) return false;
    ++at_work_;
    return true;
}

void Dialer::leave() {
    const std::scoped_lock lock{mutex_};
    --at_work_;
    left_.notify_all();
}

DialState Dialer::state() const {
    const std::scoped_lock lock{mutex_};
    auto farthest = DialState::idle;
    for (const auto& link : links_) {
        const DialState state = link->state();
        if (state == DialState::connected) return state;
        if (state == DialState::connecting || farthest == DialState::idle) farthest = state;
    }
    return farthest;
}

ConnectionId Dialer::connection(std::uint32_t index) const {
    const std::scoped_lock lock{mutex_};
    return index < links_.size() ? links_[index]->connection_id() : ConnectionId{};
}

Status Dialer::remember(std::string_view key, SharedMessage message) {
    const std::scoped_lock lock{mutex_};
    const auto place = std::find_if(remembered_.begin(), remembered_.end(),
                                    [key](const auto& each) { return each.first == key; });
    const bool is_new = place == remembered_.end();
    const std::size_t bytes = remembered_bytes_ + size_on_the_wire(message) -
                              (is_new ? 0 : size_on_the_wire(place->second));
    if (size_on_the_wire(message) > options_.limits.max_queued_bytes) return ErrorCode::too_big;
    // They leave together: there has to be room for all of them.
    if (bytes > options_.limits.max_queued_bytes)
        return {ErrorCode::limit, "what is remembered exceeds max_queued_bytes"};
    if (is_new && remembered_.size() == max_remembered)
        return {ErrorCode::limit, "10000 messages are remembered already"};
    if (is_new)
        remembered_.emplace_back(key, std::move(message));
    else
        place->second = std::move(message);
    remembered_bytes_ = bytes;
    return {};
}

ErrorCode Dialer::forget(std::string_view key) {
    const std::scoped_lock lock{mutex_};
    const auto place = std::find_if(remembered_.begin(), remembered_.end(),
                                    [key](const auto& each) { return each.first == key; });
    if (place == remembered_.end()) return ErrorCode::not_found;
    remembered_bytes_ -= size_on_the_wire(place->second);
    remembered_.erase(place);
    return ErrorCode::ok;
}

std::vector<SharedMessage> Dialer::remembered() const {
    const std::scoped_lock lock{mutex_};
    std::vector<SharedMessage> messages;
    messages.reserve(remembered_.size());
    for (const auto& [key, message] : remembered_)
        messages.push_back(message);
    return messages;
}

}  // namespace wsecho::engine
