# What the core links: libwebsockets, zlib, OpenSSL, and libuv if it shall and can be had, all from the system.
# WSECHO_EVENT_LOOPS: those that this build has.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

pkg_check_modules(libwebsockets IMPORTED_TARGET libwebsockets)
if(NOT libwebsockets_FOUND)
  message(FATAL_ERROR "libwebsockets was not found. On Debian: apt-get install libwebsockets-dev")
endif()
if(libwebsockets_VERSION VERSION_LESS 4.1)
  message(FATAL_ERROR "libwebsockets ${libwebsockets_VERSION} is too old: wsecho needs 4.1 or newer, "
                      "because it is tested with no older one, and these get no repairs any more.")
endif()

pkg_check_modules(zlib IMPORTED_TARGET zlib)
if(NOT zlib_FOUND)
  message(FATAL_ERROR "zlib was not found. On Debian: apt-get install zlib1g-dev")
endif()

pkg_check_modules(openssl IMPORTED_TARGET openssl)
if(NOT openssl_FOUND)
  message(FATAL_ERROR "OpenSSL was not found. On Debian: apt-get install libssl-dev")
endif()

set(WSECHO_LIBUV AUTO CACHE STRING "The event loop on libuv: ON, OFF, or AUTO: if libuv is there")
set_property(CACHE WSECHO_LIBUV PROPERTY STRINGS AUTO ON OFF)
set(WSECHO_EVENT_LOOPS epoll epoll-level poll)
set(WSECHO_HAS_LIBUV OFF)
if(WSECHO_LIBUV)
  pkg_check_modules(libuv IMPORTED_TARGET libuv)
  if(libuv_FOUND)
    set(WSECHO_HAS_LIBUV ON)
    list(APPEND WSECHO_EVENT_LOOPS libuv)
  elseif(NOT WSECHO_LIBUV STREQUAL "AUTO")
    message(FATAL_ERROR "libuv was not found. On Debian: apt-get install libuv1-dev. "
                        "Without it: -DWSECHO_LIBUV=OFF")
  endif()
endif()
list(JOIN WSECHO_EVENT_LOOPS ", " WSECHO_EVENT_LOOP_NAMES)
message(STATUS "Event loops: ${WSECHO_EVENT_LOOP_NAMES}")
