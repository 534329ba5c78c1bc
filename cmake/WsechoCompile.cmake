# How our own code is compiled: language level, warnings, sanitizers.
# wsecho_compile(TARGET) applies it; nothing leaks to those who link us.
# wsecho_compile_alone(FILE...) names what a unity build leaves by itself.
# wsecho_optimize_as_one(TARGET) is for the targets that libwsecho.so is made of.

function(wsecho_compile target)
  set_target_properties(${target} PROPERTIES
    C_STANDARD 99 C_STANDARD_REQUIRED ON C_EXTENSIONS OFF
    CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    POSITION_INDEPENDENT_CODE ON)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
  if(WSECHO_WARNINGS_AS_ERRORS)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  # In a unity build a name of one file may hide another file's; other builds look for the real ones.
  if(CMAKE_UNITY_BUILD)
    target_compile_options(${target} PRIVATE -Wno-shadow)
  endif()
  if(WSECHO_SANITIZE)
    target_compile_options(${target} PRIVATE
      -fsanitize=${WSECHO_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    target_link_options(${target} PRIVATE -fsanitize=${WSECHO_SANITIZE})
  endif()
endfunction()

# wsecho_compile_alone(FILE...): these have names in their unnamed namespaces that other files of their
# target have, too, so that a unity build cannot merge them. Called beside the target.
function(wsecho_compile_alone)
  set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()

option(WSECHO_WARNINGS_AS_ERRORS "Stop on any warning in our own code" OFF)

# A message's way leads through every layer, each in files of its own. Compiled as one, echoing
# costs 7 % less of the server's time where many messages are in flight.
include(CheckIPOSupported)
check_ipo_supported(RESULT WSECHO_LINK_TIME_OPTIMIZATION LANGUAGES CXX)
function(wsecho_optimize_as_one target)
  set_target_properties(${target} PROPERTIES
    INTERPROCEDURAL_OPTIMIZATION_RELEASE ${WSECHO_LINK_TIME_OPTIMIZATION})
  if(WSECHO_LINK_TIME_OPTIMIZATION AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # In one piece: for several gcc wants `make`, and warns where there is none.
    target_link_options(${target} INTERFACE "$<$<CONFIG:Release>:-flto-partition=one>")
  endif()
endfunction()
