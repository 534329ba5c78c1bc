// This process's own resources: what tests count before and after, and limits they set.
#pragma once

#include <sys/resource.h>

#include <chrono>
#include <cstddef>
#include <string>

namespace wsecho::test {

std::size_t open_descriptors();
std::size_t running_threads();
std::size_t resident_bytes();
// CPU time of all threads so far.
std::chrono::nanoseconds cpu_time();

// Lowers the soft limit of descriptors until the end of the scope.
class SoftDescriptorLimit {
  public:
    explicit SoftDescriptorLimit(std::size_t limit);
    SoftDescriptorLimit(const SoftDescriptorLimit&) = delete;
    SoftDescriptorLimit& operator=(const SoftDescriptorLimit&) = delete;
    ~SoftDescriptorLimit();

  private:
    rlimit before_{};
};

// An empty folder of its own, removed with what is in it.
class TemporaryFolder {
  public:
    TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder();

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }

  private:
    std::string path_;
};

}  // namespace wsecho::test
