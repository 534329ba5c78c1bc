// Lets memory run out where a test wants it to.
#pragma once

namespace wsecho::test {

// While it lives, this thread's operator new succeeds so many times and then throws.
class ScarceMemory {
  public:
    explicit ScarceMemory(int allocations) noexcept;
    ScarceMemory(const ScarceMemory&) = delete;
    ScarceMemory& operator=(const ScarceMemory&) = delete;
    ~ScarceMemory();
};

}  // namespace wsecho::test
