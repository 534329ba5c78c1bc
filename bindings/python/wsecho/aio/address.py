"""Addresses, as asyncio has them."""

from __future__ import annotations

from typing import Optional, Tuple, Union

__all__ = ["Address", "address_of"]

Address = Union[Tuple[str, Optional[int]], str]


def address_of(text: str) -> Address:
    """The engine tells HOST, HOST:PORT, [HOST]:PORT or unix, and "" before it knows."""
    if text.startswith("["):
        host, _, port = text[1:].partition("]")
        return host, int(port[1:]) if port else None
    host, colon, port = text.partition(":")
    if colon and port.isdigit():
        return host, int(port)
    return text if text in ("", "unix") else (text, None)
