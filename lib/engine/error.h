// What can go wrong, as numbers in ranges and words for the caller. The C header's error numbers
// are these; capi checks that they agree.
#pragma once

#include <string>
#include <utility>

namespace wsecho::engine {

enum class ErrorCode : int {
    ok = 0,

    // -1 to -99: the call is wrong.
    invalid_argument = -1,
    invalid_option = -2,
    wrong_state = -3,
    in_callback = -4,
    version = -5,

    // -100 to -199: the system refuses.
    address_in_use = -100,
    address_unavailable = -101,
    permission = -102,
    descriptor_limit = -103,
    out_of_memory = -104,
    event_loop = -105,
    system = -106,

    // -200 to -299: a connection cannot do it.
    gone = -200,
    closing = -201,
    backpressure = -202,
    too_big = -203,
    not_found = -204,
    limit = -205,
    late = -206,
};

// A code, and the words that name what was wrong. Cheap where all is well.
class [[nodiscard]] Status {
  public:
    Status() = default;
    Status(ErrorCode code) : code_(code) {}  // NOLINT(google-explicit-constructor): a code is one
    Status(ErrorCode code, std::string detail) : code_(code), detail_(std::move(detail)) {}

    [[nodiscard]] bool ok() const noexcept { return code_ == ErrorCode::ok; }
    [[nodiscard]] ErrorCode code() const noexcept { return code_; }
    [[nodiscard]] const std::string& detail() const noexcept { return detail_; }

  private:
    ErrorCode code_ = ErrorCode::ok;
    std::string detail_;
};

}  // namespace wsecho::engine
