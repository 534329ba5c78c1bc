#!/usr/bin/env python3
"""Every pure header of lib/ has its own test, every test its header, and each test is built.

Usage: check_tests_mirror_lib.py REPOSITORY
"""

import pathlib
import sys

PURE_LAYERS = ("protocol", "runtime")
LAYERS = (*PURE_LAYERS, "lws", "engine")

# Headers that only give types a name: there is nothing in them that could go wrong.
WITHOUT_BEHAVIOUR = {"runtime/time.h"}

# Tests that take one header further than its own file has room for.
FURTHER_TESTS = {
    "protocol/deflate_stream_hostile_test.cc": "protocol/deflate_stream.h",
    "protocol/frame_decoder_violations_test.cc": "protocol/frame_decoder.h",
    "runtime/slot_map_memory_test.cc": "runtime/slot_map.h",
    "runtime/timer_wheel_model_test.cc": "runtime/timer_wheel.h",
}

# Tests of what all headers of a layer have in common.
TESTS_OF_A_LAYER = {
    "protocol/frames_are_linear_test.cc",
    "protocol/parsers_are_linear_test.cc",
}


def headers_of(root, layer):
    return {f"{layer}/{path.name}" for path in (root / "lib" / layer).glob("*.h")}


def tests_of(root, layer):
    return {f"{layer}/{path.name}" for path in (root / "tests/unit" / layer).glob("*_test.cc")}


def own_test(header):
    return header.removesuffix(".h") + "_test.cc"


def own_header(test):
    return FURTHER_TESTS.get(test, test.removesuffix("_test.cc") + ".h")


def problems(root):
    headers = set().union(*(headers_of(root, layer) for layer in LAYERS))
    tests = set().union(*(tests_of(root, layer) for layer in LAYERS))
    if not headers:
        yield f"{root}/lib: no headers found"

    pure = {header for header in headers if header.split("/")[0] in PURE_LAYERS}
    for header in sorted(pure - WITHOUT_BEHAVIOUR):
        if own_test(header) not in tests:
            yield f"lib/{header}: has no tests/unit/{own_test(header)}"
    for test in sorted(tests - TESTS_OF_A_LAYER):
        if own_header(test) not in headers:
            yield f"tests/unit/{test}: tests lib/{own_header(test)}, which does not exist"
    for named in sorted(WITHOUT_BEHAVIOUR - headers):
        yield f"lib/{named}: is excused from having a test, but does not exist"

    built = set((root / "tests/unit/CMakeLists.txt").read_text().replace(")", " ").split())
    for test in sorted(tests - built):
        yield f"tests/unit/{test}: is not in tests/unit/CMakeLists.txt"


def main():
    found = list(problems(pathlib.Path(sys.argv[1]).resolve()))
    print("\n".join(found) if found else "every pure header has its own test")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
