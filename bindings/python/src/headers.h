// HTTP headers as Python gives them: a mapping, or pairs.
#pragma once

#include <pybind11/pybind11.h>

#include <string>
#include <utility>
#include <vector>

#include "wsecho/wsecho.h"

namespace wsecho::python {

class GivenHeaders {
  public:
    // None: no headers. Throws TypeError.
    explicit GivenHeaders(pybind11::handle given);
    GivenHeaders(const GivenHeaders&) = delete;
    GivenHeaders& operator=(const GivenHeaders&) = delete;

    [[nodiscard]] const wsecho_header* data() const noexcept { return headers_.data(); }
    [[nodiscard]] std::size_t size() const noexcept { return headers_.size(); }

  private:
    std::vector<std::pair<std::string, std::string>> texts_;
    std::vector<wsecho_header> headers_;
};

}  // namespace wsecho::python
