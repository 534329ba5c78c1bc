"""A handshake's request, and the answer to it."""

from __future__ import annotations

from typing import Dict, Iterable, Iterator, List, Mapping, MutableMapping, Optional, Tuple, Union

__all__ = ["Headers", "Request", "Response"]

Pairs = Iterable[Tuple[str, str]]


class Headers(MutableMapping[str, str]):
    """Names, in any case, and values; a name may have several. ``headers[name]`` is the first of
    them; :meth:`get_all` has all."""

    __slots__ = ("_pairs",)

    def __init__(self, given: Union[Mapping[str, str], Pairs, None] = None) -> None:
        pairs = given.items() if isinstance(given, Mapping) else given
        self._pairs: List[Tuple[str, str]] = list(pairs or ())

    def __getitem__(self, name: str) -> str:
        wanted = name.lower()
        for key, value in self._pairs:
            if key.lower() == wanted:
                return value
        raise KeyError(name)

    def __setitem__(self, name: str, value: str) -> None:
        """Adds a value: those that are there stay."""
        self._pairs.append((name, value))

    def __delitem__(self, name: str) -> None:
        if name not in self:
            raise KeyError(name)
        unwanted = name.lower()
        self._pairs = [pair for pair in self._pairs if pair[0].lower() != unwanted]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and any(key.lower() == name.lower() for key, _ in self._pairs)

    def __iter__(self) -> Iterator[str]:
        names: Dict[str, str] = {}
        for key, _ in self._pairs:
            names.setdefault(key.lower(), key)
        return iter(names.values())

    def __len__(self) -> int:
        return len({key.lower() for key, _ in self._pairs})

    def __repr__(self) -> str:
        return f"Headers({self._pairs!r})"

    def get_all(self, name: str) -> List[str]:
        wanted = name.lower()
        return [value for key, value in self._pairs if key.lower() == wanted]

    def raw_items(self) -> Iterator[Tuple[str, str]]:
        """All of them, in their order."""
        return iter(self._pairs)


class Request:
    """What a client asks for. ``path`` has the query with it, as it was sent."""

    __slots__ = ("path", "headers", "subprotocols")

    def __init__(self, path: str, headers: Headers, subprotocols: Iterable[str] = ()) -> None:
        self.path = path
        self.headers = headers
        #: Those offered, the most wanted first.
        self.subprotocols = tuple(subprotocols)

    def __repr__(self) -> str:
        return f"Request({self.path!r})"


class Response:
    """An answer. ``process_request`` returns one to turn a client away; ``process_response`` is
    given the one that lets it in, to add headers to it."""

    __slots__ = ("status_code", "headers", "body")

    def __init__(
        self,
        status_code: int,
        headers: Optional[Union[Headers, Mapping[str, str]]] = None,
        body: bytes = b"",
    ) -> None:
        self.status_code = int(status_code)
        self.headers = headers if isinstance(headers, Headers) else Headers(headers)
        self.body = body

    def __repr__(self) -> str:
        return f"Response({self.status_code})"
