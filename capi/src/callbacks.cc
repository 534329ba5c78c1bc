#include "callbacks.h"

#include <chrono>
#include <cstddef>
#include <cstring>
#include <string>

#include "handle.h"
#include "handshake.h"

namespace wsecho::capi {

namespace {

// The engine's numbers cross the boundary as they are.
static_assert(static_cast<int>(engine::CloseCause::peer) == WSECHO_CLOSE_PEER);
static_assert(static_cast<int>(engine::CloseCause::slow_consumer) == WSECHO_CLOSE_SLOW_CONSUMER);
static_assert(static_cast<int>(engine::CloseCause::drain) == WSECHO_CLOSE_DRAIN);
static_assert(static_cast<int>(engine::CloseCause::memory) == WSECHO_CLOSE_MEMORY);
static_assert(engine::close_causes == WSECHO_CLOSE_CAUSES);
static_assert(static_cast<int>(engine::Initiator::peer) == WSECHO_INITIATOR_PEER);
static_assert(static_cast<int>(engine::LogLevel::debug) == WSECHO_LOG_DEBUG);

// A callback is C, but behind it may be any language: what it throws ends here.
template <class Call>
bool survives(Call&& call) noexcept {
    try {
        std::forward<Call>(call)();
        return true;
    } catch (...) {
        return false;
    }
}

using Kind = engine::QueuedEvent::Kind;

void* user_of(wsecho_server& handle, engine::ConnectionId id) {
    void* user = nullptr;
    handle.server.with(id, [&](const engine::Connection& connection) {
        user = connection.user();
        return engine::ErrorCode::ok;
    });
    return user;
}

constexpr std::size_t size_of_version(uint32_t version) {
    switch (version) {
        case 1:
            return offsetof(wsecho_callbacks, on_heartbeat) + sizeof(void*);
        case 2:
            return offsetof(wsecho_callbacks, on_handshake) + sizeof(void*);
        case 3:
            return offsetof(wsecho_callbacks, on_pass_end) + sizeof(void*);
        case 4:
            return offsetof(wsecho_callbacks, on_watermark) + sizeof(void*);
        default:
            return 0;
    }
}

}  // namespace

wsecho_close_event to_c(const engine::CloseReport& report) {
    const engine::LastNumbers& numbers = report.numbers;
    return {static_cast<std::uint16_t>(report.code),
            static_cast<wsecho_close_cause>(report.cause),
            static_cast<wsecho_initiator>(report.initiator),
            report.reason.data(),
            report.reason.size(),
            static_cast<std::uint64_t>(
                std::chrono::duration_cast<std::chrono::milliseconds>(numbers.age).count()),
            numbers.traffic.messages_received,
            numbers.traffic.messages_sent,
            numbers.traffic.bytes_received,
            numbers.traffic.bytes_sent,
            numbers.bytes_unsent,
            static_cast<std::uint64_t>(numbers.round_trip.count())};
}

// A caller with an older header has a smaller struct: nothing beyond it is read.
engine::Status read_callbacks(const wsecho_callbacks* given, wsecho_callbacks& known) {
    if (given == nullptr) return {};
    const std::size_t size = size_of_version(given->version);
    if (size == 0) return {engine::ErrorCode::version, "callbacks: version not known"};
    if (given->size < size)
        return {engine::ErrorCode::invalid_option,
                "callbacks: size is too small: set them up with WSECHO_CALLBACKS_INIT"};
    std::memcpy(&known, given, size);
    return {};
}

bool CallbackObserver::on_handshake(engine::ConnectionId id, const protocol::RequestHead& head,
                                    const std::string& remote_address) {
    passes_.enter(id.loop());
    return survives([&] {
        const HandshakeTexts texts{head};
        const wsecho_handshake handshake = texts.view(remote_address);
        callbacks_.on_handshake(handle_, id.value(), &handshake, user_);
    });
}

bool CallbackObserver::queue(engine::QueuedEvent event, std::span<const std::uint8_t> payload) {
    if (!handle_->events) return true;
    return survives([&] {
        event.observer_user = user_;
        event.connection_user = user_of(*handle_, event.id);
        handle_->events->add(event, payload);
    });
}

bool CallbackObserver::queue_close(engine::ConnectionId id, const engine::CloseReport& report) {
    if (!handle_->events) return true;
    return survives([&] {
        handle_->events->add_close({.kind = Kind::close,
                                    .id = id,
                                    .observer_user = user_,
                                    .connection_user = user_of(*handle_, id)},
                                   report);
    });
}

void CallbackObserver::on_pass_end(unsigned loop) noexcept {
    if (handle_->events) handle_->events->on_pass_end(loop);
    passes_.leave(loop);
}

bool CallbackObserver::on_open(engine::ConnectionId id) {
    if (callbacks_.on_open == nullptr) return queue({.kind = Kind::open, .id = id});
    passes_.enter(id.loop());
    return survives([&] { callbacks_.on_open(handle_, id.value(), user_); });
}

bool CallbackObserver::on_message(engine::ConnectionId id, bool is_text,
                                  std::span<const std::uint8_t> payload) {
    if (callbacks_.on_message == nullptr)
        return queue({.kind = Kind::message, .is_text = is_text, .id = id}, payload);
    passes_.enter(id.loop());
    return survives([&] {
        callbacks_.on_message(handle_, id.value(), is_text ? WSECHO_TEXT : WSECHO_BINARY,
                              payload.data(), payload.size(), user_);
    });
}

bool CallbackObserver::on_heartbeat(engine::ConnectionId id, runtime::Duration round_trip) {
    if (callbacks_.on_heartbeat == nullptr)
        return queue({.kind = Kind::heartbeat, .id = id, .round_trip = round_trip});
    passes_.enter(id.loop());
    const auto nanoseconds = static_cast<std::uint64_t>(round_trip.count());
    return survives([&] { callbacks_.on_heartbeat(handle_, id.value(), nanoseconds, user_); });
}

bool CallbackObserver::on_watermark(engine::ConnectionId id, bool is_high,
                                    std::size_t queued_bytes) {
    if (callbacks_.on_watermark == nullptr)
        return queue(
            {.kind = Kind::watermark, .is_high = is_high, .id = id, .queued_bytes = queued_bytes});
    passes_.enter(id.loop());
    return survives([&] {
        callbacks_.on_watermark(handle_, id.value(), is_high ? 1 : 0, queued_bytes, user_);
    });
}

bool CallbackObserver::on_close(engine::ConnectionId id, const engine::CloseReport& report) {
    if (callbacks_.on_close == nullptr) return queue_close(id, report);
    passes_.enter(id.loop());
    const wsecho_close_event event = to_c(report);
    return survives([&] { callbacks_.on_close(handle_, id.value(), &event, user_); });
}

void CallbackObserver::log(engine::LogLevel level, std::string_view text) {
    if (log_.function == nullptr) return;
    survives([&] {
        log_.function(static_cast<wsecho_log_level>(level), std::string{text}.c_str(), log_.user);
    });
}

}  // namespace wsecho::capi
