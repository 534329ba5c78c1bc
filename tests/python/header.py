"""What wsecho.h declares, read from its text."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Dict, List

HEADER = (
    Path(__file__).resolve().parents[2] / "capi" / "include" / "wsecho" / "wsecho.h"
).read_text(encoding="utf-8")
CODE = re.sub(r"/\*.*?\*/", "", HEADER, flags=re.DOTALL)


def fields(struct: str) -> List[str]:
    """The names of a struct's fields, without its version and size."""
    body = re.search(r"typedef struct %s \{(.*?)\} %s;" % (struct, struct), CODE, re.DOTALL)
    assert body, struct
    names = re.findall(r"(\w+)(?:\[\w+\])?;", body.group(1))
    return [name for name in names if name not in ("version", "size")]


def enumeration(name: str) -> Dict[str, int]:
    body = re.search(r"enum %s \{(.*?)\}" % name, CODE, re.DOTALL)
    assert body, name
    return {key: int(value) for key, value in re.findall(r"(\w+) = (-?\d+)", body.group(1))}


def functions() -> List[str]:
    return re.findall(r"\b(wsecho_\w+)\(", "".join(re.findall(r"WSECHO_API[^;]*;", CODE)))
