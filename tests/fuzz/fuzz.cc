#include "fuzz.h"

#include <cstdio>
#include <cstdlib>

namespace wsecho::fuzz {

void require(bool holds, const char* claim, const char* file, int line) {
    if (holds) return;
    std::fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, claim);
    std::abort();
}

}  // namespace wsecho::fuzz
