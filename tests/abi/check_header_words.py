#!/usr/bin/env python3
"""The words of wsecho.h are true to its declarations.

- Every function stands right behind a comment, and is in exports.txt; nothing else is there.
- Every WSECHO_ERR_* in a comment is in the enum.
- Every WSECHO_ERR_* of the enum is in the "Errors:" list of a function.
"""

import pathlib
import re
import sys

ERROR = re.compile(r"\bWSECHO_ERR_[A-Z]\w*")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
FUNCTION = re.compile(r"^WSECHO_API\b[^;]*?\b(wsecho_\w+)\s*\(", re.MULTILINE)


def functions_of(header):
    return FUNCTION.findall(header)


def errors_declared(header):
    enum = re.search(r"enum wsecho_error \{(.*?)\};", header, re.DOTALL)
    return set(ERROR.findall(COMMENT.sub("", enum.group(1)))) if enum else set()


def errors_in_lists(header):
    """What stands behind "Errors:" in a comment, up to the comment's end."""
    lists = [comment.partition("Errors:")[2] for comment in COMMENT.findall(header)]
    return set(ERROR.findall(" ".join(lists)))


def undocumented(header):
    for declaration in FUNCTION.finditer(header):
        if not header[: declaration.start()].rstrip(" \n").endswith("*/"):
            yield declaration.group(1)


def problems(header, exports):
    functions = functions_of(header)
    declared = errors_declared(header)
    if not functions or not declared:
        yield "no functions, or no errors, found: is this wsecho.h?"
    for name in undocumented(header):
        yield f"{name}: no comment stands right before it"
    for name in sorted(set(functions) - set(exports)):
        yield f"{name}: declared, but not in exports.txt"
    for name in sorted(set(exports) - set(functions)):
        yield f"{name}: in exports.txt, but not declared"

    in_comments = set(ERROR.findall(" ".join(COMMENT.findall(header))))
    for name in sorted(in_comments - declared):
        yield f"{name}: a comment speaks of it, but there is no such error"
    for name in sorted(declared - errors_in_lists(header)):
        yield f"{name}: no function lists it under its errors"


def main():
    header, exports = (pathlib.Path(name).read_text() for name in sys.argv[1:3])
    found = list(problems(header, exports.split()))
    print("\n".join(found) if found else f"{len(functions_of(header))} functions, all in words")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
