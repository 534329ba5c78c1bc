// How many connections fit under a descriptor limit. The process's own soft limit is lowered
// for the test and put back.
#include "engine/descriptor_limit.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <string>

namespace wsecho::engine {
namespace {

class SoftLimit {
  public:
    explicit SoftLimit(rlim_t value) {
        getrlimit(RLIMIT_NOFILE, &before_);
        rlimit changed = before_;
        changed.rlim_cur = value;
        EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &changed), 0);
    }
    SoftLimit(const SoftLimit&) = delete;
    SoftLimit& operator=(const SoftLimit&) = delete;
    ~SoftLimit() { setrlimit(RLIMIT_NOFILE, &before_); }

  private:
    rlimit before_{};
};

constexpr rlim_t limit = 1000;

TEST(descriptor_limit, each_loop_reserves_as_much_as_the_next) {
    const std::uint32_t one = reserved_descriptors(1);
    const std::uint32_t two = reserved_descriptors(2);
    EXPECT_GT(two, one);
    EXPECT_EQ(reserved_descriptors(256), one + 255 * (two - one));
}

TEST(descriptor_limit, the_room_for_refusals_is_reserved) {
    EXPECT_GT(reserved_descriptors(1), refusal_room);
}

TEST(descriptor_limit, zero_grants_all_that_fits) {
    const SoftLimit lowered{limit};
    std::uint32_t granted = 0;
    EXPECT_TRUE(fit_connections(0, 2, granted).ok());
    EXPECT_EQ(granted, limit - reserved_descriptors(2));
}

TEST(descriptor_limit, what_just_fits_is_granted_as_it_was_asked) {
    const SoftLimit lowered{limit};
    const auto most = static_cast<std::uint32_t>(limit) - reserved_descriptors(1);
    std::uint32_t granted = 0;
    EXPECT_TRUE(fit_connections(most, 1, granted).ok());
    EXPECT_EQ(granted, most);
    EXPECT_TRUE(fit_connections(1, 1, granted).ok());
    EXPECT_EQ(granted, 1U);
}

TEST(descriptor_limit, one_connection_more_is_refused_with_the_numbers) {
    const SoftLimit lowered{limit};
    const auto most = static_cast<std::uint32_t>(limit) - reserved_descriptors(1);
    std::uint32_t granted = 77;
    const Status status = fit_connections(most + 1, 1, granted);
    EXPECT_EQ(status.code(), ErrorCode::descriptor_limit);
    EXPECT_EQ(granted, 77U) << "nothing was granted";
    const auto has = [&](const std::string& words) {
        return status.detail().find(words) != std::string::npos;
    };
    EXPECT_TRUE(has("max_connections " + std::to_string(most + 1))) << status.detail();
    EXPECT_TRUE(has("soft limit is 1000")) << status.detail();
    EXPECT_TRUE(has("ulimit -n 1001")) << status.detail();
}

TEST(descriptor_limit, a_limit_below_what_is_reserved_grants_nothing_not_even_zero) {
    const SoftLimit lowered{reserved_descriptors(1)};
    std::uint32_t granted = 0;
    const Status status = fit_connections(0, 1, granted);
    EXPECT_EQ(status.code(), ErrorCode::descriptor_limit);
    const std::string needed = std::to_string(reserved_descriptors(1) + 1);
    EXPECT_NE(status.detail().find("ulimit -n " + needed), std::string::npos) << status.detail();
}

TEST(descriptor_limit, more_loops_leave_room_for_fewer_connections) {
    const SoftLimit lowered{limit};
    std::uint32_t with_one = 0;
    std::uint32_t with_four = 0;
    EXPECT_TRUE(fit_connections(0, 1, with_one).ok());
    EXPECT_TRUE(fit_connections(0, 4, with_four).ok());
    EXPECT_LT(with_four, with_one);
}

}  // namespace
}  // namespace wsecho::engine
