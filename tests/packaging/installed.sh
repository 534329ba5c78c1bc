#!/usr/bin/env bash
# Installs a build, moves the tree elsewhere, and builds the shortest host against it: by
# pkg-config, and by CMake's find_package().
#
# Usage: tests/packaging/installed.sh BUILD_DIR SOURCE_DIR
set -euo pipefail
build=$1 source=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Not 'ldd | grep -q': grep leaves at the first match, and ldd, which writes line by line,
# then fails on a closed pipe, now and then.
loads_the_moved_library() {
  local libraries
  libraries=$(ldd "$1")
  [[ $libraries == *"$work/moved/"*libwsecho.so* ]] || {
    printf '%s does not load the installed library:\n%s\n' "$1" "$libraries" >&2
    return 1
  }
}

cmake --install "$build" --prefix "$work/first" >/dev/null
mv "$work/first" "$work/moved"

"$work/moved/bin/wsecho-echo" --version

pkgconfig=$(dirname "$(find "$work/moved" -name wsecho.pc)")
export PKG_CONFIG_PATH=$pkgconfig
read -ra flags < <(pkg-config --cflags --libs wsecho)
libdir=$(pkg-config --variable=libdir wsecho)
cc -D_POSIX_C_SOURCE=200809L -std=c99 "$source/examples/echo-host/c/echo.c" \
  -o "$work/by-pkg-config" "${flags[@]}" "-Wl,-rpath,$libdir"
loads_the_moved_library "$work/by-pkg-config"
echo "linked by pkg-config"

mkdir "$work/app"
cat >"$work/app/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.25)
project(app C)
find_package(wsecho REQUIRED)
add_executable(app "$source/examples/echo-host/c/echo.c")
target_link_libraries(app PRIVATE wsecho::wsecho)
END
cmake -S "$work/app" -B "$work/app/build" -G Ninja -DCMAKE_PREFIX_PATH="$work/moved" >/dev/null
cmake --build "$work/app/build" >/dev/null
loads_the_moved_library "$work/app/build/app"
echo "linked by find_package"
