// Compiled without the counting, and linked with --wrap for each function of the C library below.
#include "steps.h"

#include <cstddef>

namespace {

std::uint64_t steps = 0;

void count_bytes(std::size_t count) noexcept {
    steps += 1 + count / 16;
}

}  // namespace

namespace wsecho::test {

std::uint64_t steps_so_far() noexcept {
    return steps;
}

}  // namespace wsecho::test

// The names are those that the compiler and the linker want.
// NOLINTBEGIN(bugprone-reserved-identifier, cert-dcl*, readability-identifier-naming)
extern "C" {

void __sanitizer_cov_trace_pc();
void* __real_memchr(const void* text, int byte, std::size_t size);
void* __real_memcpy(void* to, const void* from, std::size_t size);
void* __real_memmove(void* to, const void* from, std::size_t size);
void* __real_memset(void* to, int byte, std::size_t size);
int __real_memcmp(const void* left, const void* right, std::size_t size);

void __sanitizer_cov_trace_pc() {
    ++steps;
}

// It stops where it finds the byte.
void* __wrap_memchr(const void* text, int byte, std::size_t size) {
    void* const found = __real_memchr(text, byte, size);
    count_bytes(found == nullptr ? size
                                 : static_cast<std::size_t>(static_cast<const char*>(found) -
                                                            static_cast<const char*>(text)));
    return found;
}

void* __wrap_memcpy(void* to, const void* from, std::size_t size) {
    count_bytes(size);
    return __real_memcpy(to, from, size);
}

void* __wrap_memmove(void* to, const void* from, std::size_t size) {
    count_bytes(size);
    return __real_memmove(to, from, size);
}

void* __wrap_memset(void* to, int byte, std::size_t size) {
    count_bytes(size);
    return __real_memset(to, byte, size);
}

int __wrap_memcmp(const void* left, const void* right, std::size_t size) {
    count_bytes(size);
    return __real_memcmp(left, right, size);
}

}  // extern "C"
// NOLINTEND(bugprone-reserved-identifier, cert-dcl*, readability-identifier-naming)
