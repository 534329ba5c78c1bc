// Errors on their way across the C boundary: the number is returned, the words stay with the
// calling thread, and no exception passes.
#pragma once

#include <exception>
#include <new>
#include <string>
#include <utility>

#include "engine/error.h"
#include "wsecho/wsecho.h"

namespace wsecho::capi {

// Keeps the words for wsecho_error_detail() and gives the number.
int report(int error, std::string detail);
int report(engine::ErrorCode code);
int report(const engine::Status& status);

inline int invalid_argument(const char* what) {
    return report(WSECHO_ERR_INVALID_ARGUMENT, what);
}

// Runs the body of a C function.
template <class Body>  // Body: () -> int
int guarded(Body&& body) noexcept {
    try {
        return std::forward<Body>(body)();
    } catch (const std::bad_alloc&) {
        return report(engine::ErrorCode::out_of_memory);
    } catch (const std::exception& error) {
        return report(WSECHO_ERR_SYSTEM, error.what());
    }
}

}  // namespace wsecho::capi
