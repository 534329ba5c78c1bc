// Keeps a loop in a callback while a test does something, so that the loop finds all of it at once.
#pragma once

#include <future>

namespace wsecho::test {

class Gate {
  public:
    // The callback's part: returns when the gate is opened.
    void pass() {
        inside_.set_value();
        open_.get_future().wait();
    }

    // The test's part.
    void await() { inside_.get_future().wait(); }  // until the callback is there
    void open() { open_.set_value(); }

  private:
    std::promise<void> inside_;
    std::promise<void> open_;
};

}  // namespace wsecho::test
