# What the core links: libwebsockets and libuv, both from the system.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

pkg_check_modules(libwebsockets IMPORTED_TARGET libwebsockets)
if(NOT libwebsockets_FOUND)
  message(FATAL_ERROR "libwebsockets was not found. On Debian: apt-get install libwebsockets-dev")
endif()
if(libwebsockets_VERSION VERSION_LESS 4.1)
  message(FATAL_ERROR "libwebsockets ${libwebsockets_VERSION} is too old: wsecho needs 4.1 or newer, "
                      "because older ones cannot load libuv's event loop as a plug-in.")
endif()

pkg_check_modules(libuv IMPORTED_TARGET libuv)
if(NOT libuv_FOUND)
  message(FATAL_ERROR "libuv was not found. On Debian: apt-get install libuv1-dev")
endif()
