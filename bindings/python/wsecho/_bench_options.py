"""The options of wsecho-bench, from Python's arguments to the words of its command line."""

from __future__ import annotations

import math
import os
import re
from typing import Any, Callable, Dict, Iterable, List


def words_of(options: Dict[str, Any]) -> List[str]:
    """--name=value, so that a value that starts with a dash stays one."""
    words = []
    for name, value in options.items():
        option = _option(name)
        if READERS[name] is _flag:
            words += [option] * is_set(name, value)
        elif value is not None:
            read = READERS[name](name, value)
            words += [f"{option}={each}" for each in read if name != "json"]
    return words


def in_python(words: str) -> str:
    """What the program says of its options, of our arguments: --in-flight becomes in_flight."""
    names = {_option(name): name for name in READERS}
    return re.sub(r"--[a-z-]*[a-z]", lambda found: names.get(found[0], found[0]), words)


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _wrong_type(name: str, wanted: str, value: object) -> TypeError:
    return TypeError(f"{name} must be {wanted}, not {type(value).__name__}")


def is_set(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise _wrong_type(name, "bool", value)
    return value


def _flag(_name: str, _value: object) -> List[str]:
    return []  # it has no value: see is_set()


def _integer(name: str, value: object) -> List[str]:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong_type(name, "int", value)
    return [str(value)]


def _number(name: str, value: object) -> List[str]:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _wrong_type(name, "a number", value)
    if not math.isfinite(value):
        raise ValueError(f"{name} must be finite, not {value!r}")
    return [repr(value)]


def text_of(name: str, value: object) -> List[str]:
    if not isinstance(value, str):
        raise _wrong_type(name, "str", value)
    if not value:
        raise ValueError(f"{name} must not be empty")
    return [value]


def _texts(name: str, value: object) -> List[str]:
    if isinstance(value, str):
        return text_of(name, value)
    if isinstance(value, bytes) or not isinstance(value, Iterable):
        raise _wrong_type(name, "str or several of them", value)
    return [text for each in value for text in text_of(name, each)]


def _joined(name: str, value: object) -> List[str]:
    texts = _texts(name, value)
    return [",".join(texts)] if texts else []


def _integers(name: str, value: object) -> List[str]:
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        return _integer(name, value)
    return [text for each in value for text in _integer(name, each)]


def _path(name: str, value: object) -> List[str]:
    if not isinstance(value, (str, os.PathLike)):
        raise _wrong_type(name, "a path", value)
    return text_of(name, os.fspath(value))


def _size(name: str, value: object) -> List[str]:
    if isinstance(value, str):
        return text_of(name, value)
    if isinstance(value, tuple) and len(value) == 2:
        return ["-".join(text for each in value for text in _integer(name, each))]
    return _integer(name, value)


READERS: Dict[str, Callable[[str, object], List[str]]] = {
    "scenario": text_of, "connections": _integer, "in_flight": _integer, "rate": _number,
    "capacity": text_of, "separate_writes": _flag, "batch": _integer, "churn": _flag,
    "stall_share": _number, "size": _size, "binary": _flag, "subprotocol": text_of,
    "header": _texts, "deflate": _flag, "insecure": _flag, "ca": _path, "source_ip": _joined,
    "threads": _integer, "ramp": _number, "warm_up": _number, "duration": _number,
    "timeout": _number, "server_pid": _integers, "calibrate": _flag, "json": _path, "csv": _path,
    "hgrm": _path, "html": _path, "require": _texts,
}
