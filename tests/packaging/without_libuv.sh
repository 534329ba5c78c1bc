#!/usr/bin/env bash
# Builds the library on a machine that has libuv as if it had not, and shows that who asks for its
# loop is told which there are; and that libuv, once demanded, is not left out in silence.
#
# Usage: tests/packaging/without_libuv.sh SOURCE_DIR
set -euo pipefail
source=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

configure() {
  cmake -S "$source" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O0 \
    -DWSECHO_BUILD_PROGRAMS=OFF -DWSECHO_BUILD_TESTS=OFF -DWSECHO_BUILD_BENCHMARKS=OFF "$@"
}
fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

# All that pkg-config knows here but libuv.
mkdir "$work/packages"
for package in libwebsockets openssl libssl libcrypto zlib libcap; do
  file=$(pkg-config --variable=pcfiledir "$package" 2>/dev/null)/$package.pc
  [[ ! -f $file ]] || cp "$file" "$work/packages"
done
export PKG_CONFIG_LIBDIR=$work/packages

if configure -DWSECHO_LIBUV=ON >"$work/log" 2>&1; then fail "libuv was demanded, and nobody missed it"; fi
grep -q "libuv was not found" "$work/log" || fail "$(<"$work/log")"

rm -rf "$work/build"
configure >"$work/log" || fail "$(<"$work/log")"
grep -qx -- "-- Event loops: epoll, epoll-level, poll" "$work/log" || fail "$(<"$work/log")"
cmake --build "$work/build" --target wsecho >"$work/log" || fail "$(<"$work/log")"
needed=$(readelf --dynamic "$work/build/lib/libwsecho.so")
[[ $needed != *libuv* ]] || fail "it needs libuv all the same"

cat >"$work/asks.c" <<END
#include <stdio.h>
#include <wsecho/wsecho.h>
int main(void) {
    wsecho_server *server;
    wsecho_server_options options = WSECHO_SERVER_OPTIONS_INIT;
    options.event_loop = "libuv";
    int result = wsecho_server_create(&server, &options, NULL, NULL);
    printf("%d %s\n", result, wsecho_error_detail());
    options.event_loop = "auto";
    return wsecho_server_create(&server, &options, NULL, NULL) || wsecho_server_start(server) ||
           wsecho_server_destroy(server);
}
END
cc "$work/asks.c" -o "$work/asks" -I "$source/capi/include" -L "$work/build/lib" -lwsecho \
  -Wl,-rpath,"$work/build/lib"
answer=$("$work/asks")
[[ $answer == -*"event_loop: must be one of this build's: auto, epoll, epoll-level, poll" ]] ||
  fail "asked for libuv, it says: $answer"
echo "$answer"
