#include "failure.h"

namespace wsecho::capi {

namespace {

thread_local std::string last_detail;

constexpr bool same(engine::ErrorCode code, int error) {
    return static_cast<int>(code) == error;
}

using engine::ErrorCode;
static_assert(same(ErrorCode::ok, WSECHO_OK));
static_assert(same(ErrorCode::invalid_argument, WSECHO_ERR_INVALID_ARGUMENT));
static_assert(same(ErrorCode::invalid_option, WSECHO_ERR_INVALID_OPTION));
static_assert(same(ErrorCode::wrong_state, WSECHO_ERR_WRONG_STATE));
static_assert(same(ErrorCode::in_callback, WSECHO_ERR_IN_CALLBACK));
static_assert(same(ErrorCode::version, WSECHO_ERR_VERSION));
static_assert(same(ErrorCode::address_in_use, WSECHO_ERR_ADDRESS_IN_USE));
static_assert(same(ErrorCode::address_unavailable, WSECHO_ERR_ADDRESS_UNAVAILABLE));
static_assert(same(ErrorCode::permission, WSECHO_ERR_PERMISSION));
static_assert(same(ErrorCode::descriptor_limit, WSECHO_ERR_DESCRIPTOR_LIMIT));
static_assert(same(ErrorCode::out_of_memory, WSECHO_ERR_OUT_OF_MEMORY));
static_assert(same(ErrorCode::event_loop, WSECHO_ERR_EVENT_LOOP));
static_assert(same(ErrorCode::system, WSECHO_ERR_SYSTEM));
static_assert(same(ErrorCode::gone, WSECHO_ERR_GONE));
static_assert(same(ErrorCode::closing, WSECHO_ERR_CLOSING));
static_assert(same(ErrorCode::backpressure, WSECHO_ERR_BACKPRESSURE));
static_assert(same(ErrorCode::too_big, WSECHO_ERR_TOO_BIG));
static_assert(same(ErrorCode::not_found, WSECHO_ERR_NOT_FOUND));
static_assert(same(ErrorCode::limit, WSECHO_ERR_LIMIT));
static_assert(same(ErrorCode::late, WSECHO_ERR_LATE));

}  // namespace

int report(int error, std::string detail) {
    if (error != WSECHO_OK) last_detail = std::move(detail);
    return error;
}

int report(engine::ErrorCode code) {
    const int error = static_cast<int>(code);
    // The common refusals of a connection happen at high rates: their words cost no allocation.
    if (error != WSECHO_OK) last_detail.assign(wsecho_strerror(error));
    return error;
}

int report(const engine::Status& status) {
    if (status.detail().empty()) return report(status.code());
    return report(static_cast<int>(status.code()), status.detail());
}

}  // namespace wsecho::capi

extern "C" {

const char* wsecho_error_detail(void) {
    return wsecho::capi::last_detail.c_str();
}

const char* wsecho_strerror(int error) {
    switch (error) {
        case WSECHO_OK:
            return "success";
        case WSECHO_ERR_INVALID_ARGUMENT:
            return "invalid argument";
        case WSECHO_ERR_INVALID_OPTION:
            return "invalid option";
        case WSECHO_ERR_WRONG_STATE:
            return "not possible in this state";
        case WSECHO_ERR_IN_CALLBACK:
            return "not possible inside a callback of this server";
        case WSECHO_ERR_VERSION:
            return "struct version not known to this library";
        case WSECHO_ERR_ADDRESS_IN_USE:
            return "address in use";
        case WSECHO_ERR_ADDRESS_UNAVAILABLE:
            return "address not available";
        case WSECHO_ERR_PERMISSION:
            return "permission denied";
        case WSECHO_ERR_DESCRIPTOR_LIMIT:
            return "descriptor limit too low";
        case WSECHO_ERR_OUT_OF_MEMORY:
            return "out of memory";
        case WSECHO_ERR_EVENT_LOOP:
            return "event loop not available";
        case WSECHO_ERR_SYSTEM:
            return "system error";
        case WSECHO_ERR_GONE:
            return "no such connection";
        case WSECHO_ERR_CLOSING:
            return "connection is closing";
        case WSECHO_ERR_BACKPRESSURE:
            return "queue full";
        case WSECHO_ERR_TOO_BIG:
            return "message too big";
        case WSECHO_ERR_NOT_FOUND:
            return "not found";
        case WSECHO_ERR_LIMIT:
            return "as many as the options allow are there";
        case WSECHO_ERR_LATE:
            return "the message's deadline is over";
        default:
            return "unknown error";
    }
}

const char* wsecho_version(void) {
#define WSECHO_TEXT_OF(number) #number
#define WSECHO_DOTTED(a, b, c) WSECHO_TEXT_OF(a) "." WSECHO_TEXT_OF(b) "." WSECHO_TEXT_OF(c)
    return WSECHO_DOTTED(WSECHO_VERSION_MAJOR, WSECHO_VERSION_MINOR, WSECHO_VERSION_PATCH);
}

uint32_t wsecho_abi_version(void) {
    return WSECHO_ABI_VERSION;
}
}
