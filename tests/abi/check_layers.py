#!/usr/bin/env python3
"""Includes go down only: capi -> engine -> (protocol, runtime), engine -> lws -> runtime; and in
the load generator cli -> report -> scenario -> net -> measure -> wire.

Usage: check_layers.py REPOSITORY
"""

import pathlib
import re
import sys

SOURCES = {".h", ".hpp", ".c", ".cc", ".cpp"}
LAYERS = ("protocol", "runtime", "lws", "engine")

# What each layer may include by a path from lib/.
MAY_INCLUDE = {
    "protocol": {"protocol"},
    "runtime": {"runtime"},
    "lws": {"lws", "runtime"},
    "engine": {"engine", "lws", "protocol", "runtime"},
}
# Layers that know no system: of <...> they may include the C++ standard library only, where memory
# is given out, what the compiler's address sanitizer wants to be told of it, and what is pure itself.
PURE = {"protocol", "runtime"}
ADDRESS_SANITIZER = {"sanitizer/asan_interface.h", "sanitizer/lsan_interface.h"}
# Computes, and knows no system either.
PURE_LIBRARIES = {("protocol", "zlib.h")}
# Only lib/lws sees these.
EVENT_LOOP_HEADERS = re.compile(r"^(libwebsockets|lws_\w+|uv)(\.h|/.*)$")
INTERNAL_TARGET = re.compile(r"\bwsecho-(protocol|runtime|lws|engine)\b")

# From the lowest to the highest: each may include itself and what stands before it.
LOADGEN_LAYERS = ("wire", "measure", "net", "scenario", "report", "cli")

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


def includes_of(path):
    return INCLUDE.findall(path.read_text(errors="replace"))


def sources_in(folder):
    return sorted(path for path in folder.rglob("*") if path.suffix in SOURCES)


def is_standard(name):
    """<vector>, <cstdint>: no folder and no suffix."""
    return re.fullmatch(r"[a-z0-9_]+", name) is not None


def wrong_in_layer(layer, quote, name):
    if quote == '"':
        folder = name.split("/")[0]
        if "/" not in name or folder not in MAY_INCLUDE[layer]:
            return f'"{name}": {layer} may include {", ".join(sorted(MAY_INCLUDE[layer]))} only'
    elif (layer, name) in PURE_LIBRARIES:
        return None
    elif layer in PURE and not is_standard(name) and name not in ADDRESS_SANITIZER:
        return f"<{name}>: {layer} is pure, and includes the standard library only"
    elif layer != "lws" and EVENT_LOOP_HEADERS.match(name):
        return f"<{name}>: only lib/lws sees the event loop"
    return None


def wrong_in_capi(_quote, name):
    if EVENT_LOOP_HEADERS.match(name) or name.startswith("lws/"):
        return f"{name}: only lib/lws and the engine see the event loop"
    return None


def wrong_in_public_header(quote, name):
    if (quote == "<" and name in {"stddef.h", "stdint.h"}) or name == "wsecho/version.h":
        return None
    return f"{name}: the public header needs the C standard library only"


def wrong_in_examples(_quote, name):
    if name.split("/")[0] in LAYERS and "/" in name:
        return f"{name}: examples see the C header, and nothing of lib/"
    if EVENT_LOOP_HEADERS.match(name):
        return f"{name}: only lib/lws sees the event loop"
    return None


def wrong_in_loadgen(layer, quote, name):
    folder = name.split("/")[0]
    if quote == '"' and folder in LOADGEN_LAYERS:
        if LOADGEN_LAYERS.index(folder) > LOADGEN_LAYERS.index(layer):
            return f'"{name}": the load generator\'s {layer} stands below {folder}'
    return None


def problems_in_loadgen(root):
    top = root / "examples/loadgen"
    for layer in LOADGEN_LAYERS if top.is_dir() else ():
        for path in sources_in(top / layer):
            for quote, name in includes_of(path):
                if wrong := wrong_in_loadgen(layer, quote, name):
                    yield f"{path.relative_to(root)}: {wrong}"


def problems(root):
    yield from problems_in_loadgen(root)
    rules = [
        *((f"lib/{name}", lambda q, n, name=name: wrong_in_layer(name, q, n)) for name in LAYERS),
        ("capi/src", wrong_in_capi),
        ("capi/include", wrong_in_public_header),
        ("examples", wrong_in_examples),
    ]
    for folder, judge in rules:
        sources = sources_in(root / folder)
        if not sources:
            yield f"{folder}: no sources found"
        for path in sources:
            for quote, name in includes_of(path):
                if wrong := judge(quote, name):
                    yield f"{path.relative_to(root)}: {wrong}"
    for folder in sorted(path for path in (root / "lib").iterdir() if path.is_dir()):
        if folder.name not in LAYERS:
            yield f"lib/{folder.name}: a layer without a rule in this script"
    for path in sorted((root / "examples").rglob("CMakeLists.txt")):
        for target in INTERNAL_TARGET.finditer(path.read_text()):
            yield f"{path.relative_to(root)}: links {target.group()}: examples link wsecho::wsecho"


def main():
    found = list(problems(pathlib.Path(sys.argv[1]).resolve()))
    print("\n".join(found) if found else "includes go down only")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
