#!/usr/bin/env python3
"""libwsecho.so exports exactly what exports.txt pins, and its SONAME carries the ABI's number.

A name that comes or goes changes the binary interface: change exports.txt with it, knowingly.
"""

import argparse
import pathlib
import re
import subprocess
import sys


def exported(library, nm):
    listing = subprocess.run(
        [nm, "-D", "--defined-only", library], check=True, capture_output=True, text=True
    ).stdout
    return [line.split()[-1] for line in listing.splitlines() if line.strip()]


def soname_of(library, readelf):
    listing = subprocess.run(
        [readelf, "-d", library], check=True, capture_output=True, text=True
    ).stdout
    found = re.search(r"\(SONAME\).*\[(.+)\]", listing)
    return found.group(1) if found else None


def numbers_in(version_header):
    pairs = re.findall(r"^#define WSECHO_(\w+) (\d+)$", version_header.read_text(), re.MULTILINE)
    numbers = dict(pairs)
    version = ".".join(numbers[f"VERSION_{part}"] for part in ("MAJOR", "MINOR", "PATCH"))
    return version, numbers["ABI_VERSION"]


def export_problems(names, pinned):
    if pinned != sorted(set(pinned)):
        yield "exports.txt: not sorted, or a name stands there twice"
    for name in sorted(set(names) - set(pinned)):
        yield f"{name}: exported, but not in exports.txt"
    for name in sorted(set(pinned) - set(names)):
        yield f"{name}: in exports.txt, but not exported"


def soname_problems(soname, file_name, version, abi):
    if soname != f"libwsecho.so.{abi}":
        yield f"SONAME is {soname}, not libwsecho.so.{abi}, though version.h says ABI {abi}"
    if file_name != f"libwsecho.so.{version}":
        yield f"the file is {file_name}, not libwsecho.so.{version}, though that is the version"
    if soname == file_name:
        yield f"SONAME and file are both {soname}: a new version would break every program"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("library", type=pathlib.Path)
    parser.add_argument("version_header", type=pathlib.Path)
    parser.add_argument("pinned", type=pathlib.Path)
    parser.add_argument("--nm", default="nm")
    parser.add_argument("--readelf", default="readelf")
    given = parser.parse_args()

    names = exported(given.library, given.nm)
    version, abi = numbers_in(given.version_header)
    found = [
        *export_problems(names, given.pinned.read_text().split()),
        *soname_problems(
            soname_of(given.library, given.readelf), given.library.resolve().name, version, abi
        ),
    ]
    print("\n".join(found) if found else f"{len(names)} names, SONAME libwsecho.so.{abi}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
