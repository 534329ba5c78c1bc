// How much memory the process may have: no more than its limits say.
#include "engine/memory_limit.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace wsecho::engine {
namespace {

TEST(memory_limit, it_is_what_the_machine_has_at_the_most) {
    const auto physical = static_cast<std::size_t>(::sysconf(_SC_PHYS_PAGES)) *
                          static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    EXPECT_GT(memory_limit(), std::size_t{1} << 20U);
    EXPECT_LE(memory_limit(), physical);
}

// What a sanitizer reserves for itself is larger than any limit of this kind.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
// In a process of its own, which the limit ends with.
TEST(memory_limit, a_limit_of_the_address_space_counts) {
    const pid_t child = ::fork();
    if (child == 0) {
        constexpr rlim_t small = std::size_t{512} << 20U;
        rlimit limit{};
        ::getrlimit(RLIMIT_AS, &limit);
        limit.rlim_cur = small;
        const bool is_set = ::setrlimit(RLIMIT_AS, &limit) == 0;
        ::_exit(is_set && memory_limit() <= small ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
}
#endif

}  // namespace
}  // namespace wsecho::engine
