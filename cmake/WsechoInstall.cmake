# What `cmake --install` puts where: the library, its headers, the CMake package and the
# pkg-config file, the programs.
include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/wsecho")

install(TARGETS wsecho EXPORT wsecho-targets
  LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(DIRECTORY "${PROJECT_SOURCE_DIR}/capi/include/wsecho"
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN "*.h")

install(EXPORT wsecho-targets NAMESPACE wsecho:: DESTINATION "${package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/wsecho-config-version.cmake"
  COMPATIBILITY SameMinorVersion)
# libwebsockets, zlib, OpenSSL and libuv are the library's own affair: who links wsecho needs none of their
# headers.
file(WRITE "${PROJECT_BINARY_DIR}/wsecho-config.cmake"
  "include(\"\${CMAKE_CURRENT_LIST_DIR}/wsecho-targets.cmake\")\n")
install(FILES "${PROJECT_BINARY_DIR}/wsecho-config.cmake"
              "${PROJECT_BINARY_DIR}/wsecho-config-version.cmake"
  DESTINATION "${package_dir}")

file(RELATIVE_PATH pkgconfig_to_prefix
  "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
configure_file("${PROJECT_SOURCE_DIR}/packaging/wsecho.pc.in" "${PROJECT_BINARY_DIR}/wsecho.pc" @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/wsecho.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")

if(WSECHO_BUILD_PROGRAMS)
  set_target_properties(wsecho-echo PROPERTIES INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
  install(TARGETS wsecho-echo wsecho-bench DESTINATION "${CMAKE_INSTALL_BINDIR}")
  install(FILES "${PROJECT_BINARY_DIR}/examples/loadgen/wsecho-bench.1"
    DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
endif()
