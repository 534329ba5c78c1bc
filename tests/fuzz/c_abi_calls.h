// The functions of the C interface as an input calls them: with arguments read off it, right and
// wrong, and for each the codes that the header says it may return.
#pragma once

#include <wsecho/wsecho.h>

#include <array>
#include <cstdio>
#include <initializer_list>
#include <string>

#include "fuzz.h"

namespace wsecho::fuzz {

// Whom the calls are about; as they change while calls are made, each is read when it is used.
struct Subjects {
    wsecho_server* server = nullptr;
    wsecho_dialer* dialer = nullptr;
    const wsecho_message* message = nullptr;
    // Given out so far, stale ones, too.
    std::vector<wsecho_connection_id> ids;
};

class Call {
  public:
    Call(const Subjects& subjects, Reader& reader, bool in_callback)
        : subjects_(subjects), reader_(reader), in_callback_(in_callback) {}

    void make() {
        server_ = reader_.byte() < 4 ? nullptr : subjects_.server;
        const unsigned which = reader_.byte() % 40U;
        if (which < 14)
            to_connection(which);
        else if (which < 20)
            about_connection(which);
        else if (which < 30)
            to_channel(which);
        else if (which < 35)
            to_server(which);
        else
            to_dialer(which);
    }

  private:
    static constexpr int bad = WSECHO_ERR_INVALID_ARGUMENT;
    static constexpr int gone = WSECHO_ERR_GONE;
    static constexpr int closing = WSECHO_ERR_CLOSING;
    static constexpr int full = WSECHO_ERR_BACKPRESSURE;
    static constexpr int big = WSECHO_ERR_TOO_BIG;
    static constexpr int state = WSECHO_ERR_WRONG_STATE;
    static constexpr int option = WSECHO_ERR_INVALID_OPTION;
    static constexpr int version = WSECHO_ERR_VERSION;
    static constexpr int limit = WSECHO_ERR_LIMIT;
    static constexpr int missing = WSECHO_ERR_NOT_FOUND;
    static constexpr int late = WSECHO_ERR_LATE;

    // Did it return one of the codes that its documentation lists? WSECHO_OK is on every list.
    void expect(int code, std::initializer_list<int> documented) {
        require(server_ != nullptr || code == bad,
                "without a server every call is refused as such");
        if (code == WSECHO_OK) return;
        bool is_documented = code == bad;
        for (const int each : documented)
            is_documented = is_documented || each == code;
        if (!is_documented) std::fprintf(stderr, "code %d: %s\n", code, wsecho_error_detail());
        require(is_documented, "a call returns a code that the header lists");
        require(*wsecho_error_detail() != '\0', "a failure has words");
    }

    wsecho_connection_id id() {
        const unsigned which = reader_.byte();
        if (which >= 250 || subjects_.ids.empty())
            return which == 255 ? reader_.number(8) : which == 254 ? UINT64_MAX : 0;
        return subjects_.ids[which % subjects_.ids.size()];
    }

    int type() {
        const unsigned which = reader_.byte();
        return which < 8 ? int(which) - 2 : which % 2 == 0 ? WSECHO_TEXT : WSECHO_BINARY;
    }

    // Of the name of a channel, a header, a path; at times none at all.
    const char* name() {
        constexpr std::array<const char*, 8> names{"a",    "b",    "news", "",
                                                   "\x01", "Host", "/",    nullptr};
        return names[reader_.byte() % names.size()];
    }

    struct Payload {
        const void* data;
        std::size_t size;
    };
    Payload payload() {
        static const std::string content(6000, 'x');
        const unsigned which = reader_.byte();
        if (which == 0) return {nullptr, 0};
        if (which == 1) return {nullptr, 1};
        return {content.data(), which < 250 ? which : 6000};
    }

    void to_connection(unsigned which) {
        const auto to = id();
        const Payload what = payload();
        const int kind = type();
        const unsigned number = reader_.byte();
        switch (which) {
            case 0:
                return expect(wsecho_connection_send(server_, to, kind, what.data, what.size),
                              {gone, closing, full, big});
            case 1: {
                wsecho_message_terms terms = WSECHO_MESSAGE_TERMS_INIT;
                terms.version = number < 250 ? 1 : number;
                terms.key = number % 4;
                terms.lifetime_ms = number % 3;
                int queued = -1;
                return expect(wsecho_connection_send_with(server_, to, kind, what.data, what.size,
                                                          &terms, &queued),
                              {gone, closing, full, big, version, option, late});
            }
            case 2:
                return expect(wsecho_connection_send_prepared(server_, to, subjects_.message),
                              {gone, closing, full, big, late});
            case 3:
                return expect(wsecho_connection_ping(server_, to), {gone, closing, full});
            case 4:
                return expect(
                    wsecho_connection_set_backpressure_policy(server_, to, int(number % 5) - 1),
                    {gone, closing});
            case 5: {
                wsecho_heartbeat heartbeat = WSECHO_HEARTBEAT_INIT;
                heartbeat.interval_ms = number * 1000;
                heartbeat.misses = number;
                return expect(wsecho_connection_set_heartbeat(server_, to,
                                                              number == 0 ? nullptr : &heartbeat),
                              {gone, closing, option, version});
            }
            case 6:
                return expect(wsecho_connection_pause_reading(server_, to), {gone, closing});
            case 7:
                return expect(wsecho_connection_resume_reading(server_, to), {gone, closing});
            case 8:
            case 9:
                return expect(wsecho_connection_close(
                                  server_, to, static_cast<std::uint16_t>(1000 + number % 20),
                                  static_cast<const char*>(what.data), what.size),
                              {gone, closing});
            case 10:
                return expect(wsecho_subscribe(server_, to, name()), {gone, closing, limit});
            case 11:
                return expect(wsecho_unsubscribe(server_, to, name()), {missing, gone});
            case 12: {
                wsecho_missed missed{};
                missed.version = number < 250 ? WSECHO_MISSED_VERSION : number;
                missed.size = sizeof missed;
                return expect(wsecho_subscribe_after(server_, to, name(), number % 2, number,
                                                     number == 0 ? nullptr : &missed),
                              {gone, closing, limit, state, full, version});
            }
            default:
                return expect(number % 2 == 0 ? wsecho_handshake_accept(server_, to, nullptr)
                                              : wsecho_handshake_reject(server_, to, nullptr),
                              {gone, state, version});
        }
    }

    void about_connection(unsigned which) {
        const auto of = id();
        std::array<char, 64> buffer;
        const std::size_t size = reader_.byte() % (buffer.size() + 1);
        char* const to = reader_.byte() < 8 ? nullptr : buffer.data();
        std::size_t length = 0;
        switch (which) {
            case 14:
                return expect(wsecho_connection_remote_address(server_, of, to, size, &length),
                              {gone});
            case 15:
                return expect(wsecho_connection_uri(server_, of, to, size, nullptr), {gone});
            case 16:
                return expect(wsecho_connection_query(server_, of, to, size, &length), {gone});
            case 17:
                return expect(wsecho_connection_header(server_, of, name(), to, size, &length),
                              {gone, missing});
            case 18:
                return expect(wsecho_connection_channels(server_, of, to, size, &length), {gone});
            default: {
                wsecho_round_trips trips{};
                trips.version = WSECHO_ROUND_TRIPS_VERSION;
                trips.size = sizeof trips;
                expect(wsecho_connection_round_trips(server_, of, &trips),
                       {gone, missing, version});
                expect(wsecho_connection_set_user(server_, of, buffer.data()), {gone});
                static_cast<void>(wsecho_connection_user(server_, of));
                static_cast<void>(wsecho_connection_queued_bytes(server_, of));
                static_cast<void>(wsecho_connection_get_state(server_, of));
            }
        }
    }

    void to_channel(unsigned which) {
        const auto except = id();
        const Payload what = payload();
        const int kind = type();
        const char* const channel = name();
        const unsigned number = reader_.byte();
        std::uint64_t given = 0;
        switch (which) {
            case 20:
            case 21:
                return expect(
                    wsecho_publish(server_, channel, kind, what.data, what.size, except, &given),
                    {state, big, full});
            case 22:
                return expect(wsecho_publish_numbered(server_, channel, kind, what.data, what.size,
                                                      number, except, nullptr),
                              {state, big, full});
            case 23:
                return expect(
                    wsecho_publish_prepared(server_, channel, subjects_.message, except, &given),
                    {state, big, full, late});
            case 24: {
                wsecho_history history = WSECHO_HISTORY_INIT;
                history.max_messages = number % 4;
                return expect(
                    wsecho_channel_set_history(server_, channel, number < 32 ? nullptr : &history),
                    {option, limit, version});
            }
            case 25:
                return static_cast<void>(wsecho_channel_size(server_, channel));
            case 26:
                return expect(wsecho_broadcast_prepared(server_, subjects_.message, except),
                              {state, big, full, late});
            default:
                return expect(wsecho_broadcast(server_, kind, what.data, what.size, except),
                              {state, big, full});
        }
    }

    void to_server(unsigned which) {
        const unsigned number = reader_.byte();
        switch (which) {
            case 30: {
                wsecho_statistics statistics{};
                statistics.version = number < 250 ? WSECHO_STATISTICS_VERSION : number;
                statistics.size = sizeof statistics;
                return expect(
                    wsecho_server_statistics(server_, number % 2 == 0 ? WSECHO_ALL_LOOPS : number,
                                             &statistics),
                    {version});
            }
            case 31:
                return expect(wsecho_server_set_heartbeat(server_, name(), nullptr),
                              {missing, state});
            case 32:
                return expect(wsecho_server_add_path(server_, name(), nullptr, nullptr, nullptr),
                              {state, option, version});
            case 33:
                static_cast<void>(wsecho_server_loops(server_));
                static_cast<void>(wsecho_server_event_loop(server_));
                static_cast<void>(wsecho_strerror(int(number) * -1));
                return static_cast<void>(wsecho_server_port(server_));
            default:
                // Not in a callback it would end what the others are at.
                if (in_callback_) expect_in_callback(number);
        }
    }

    void to_dialer(unsigned which) {
        server_ = subjects_.server;  // which the dialer knows itself
        const unsigned number = reader_.byte();
        const Payload what = payload();
        switch (which) {
            case 35:
                return expect(wsecho_dialer_start(subjects_.dialer), {state});
            case 36:
                return expect(wsecho_dialer_stop(subjects_.dialer), {});
            case 37:
                return expect(
                    wsecho_dialer_remember(subjects_.dialer, name(), type(), what.data, what.size),
                    {limit, big});
            case 38:
                return expect(wsecho_dialer_forget(subjects_.dialer, name()), {missing});
            default:
                static_cast<void>(wsecho_dialer_connection(subjects_.dialer, number));
                return static_cast<void>(wsecho_dialer_get_state(subjects_.dialer));
        }
    }

    void expect_in_callback(unsigned number) {
        const int code = number % 3 == 0   ? wsecho_server_stop(subjects_.server)
                         : number % 3 == 1 ? wsecho_server_drain(subjects_.server, nullptr, nullptr)
                                           : wsecho_server_destroy(subjects_.server);
        require(code == WSECHO_ERR_IN_CALLBACK, "a callback cannot wait for its own end");
    }

    const Subjects& subjects_;
    Reader& reader_;
    bool in_callback_;
    wsecho_server* server_ = nullptr;
};

}  // namespace wsecho::fuzz
