// The options of a server, a path, a dialer and the like by keyword: the fields' own names.
#pragma once

#include <span>

#include "keywords.h"

namespace wsecho::python {

std::span<const Field<wsecho_server_options>> server_fields() noexcept;
std::span<const Field<wsecho_path_options>> path_fields() noexcept;
std::span<const Field<wsecho_dialer_options>> dialer_fields() noexcept;
std::span<const Field<wsecho_drain_options>> drain_fields() noexcept;
std::span<const Field<wsecho_heartbeat>> heartbeat_fields() noexcept;
std::span<const Field<wsecho_history>> history_fields() noexcept;

}  // namespace wsecho::python
