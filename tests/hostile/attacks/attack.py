"""What an attack is: how one attacker behaves, and what the server may be made to do by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Awaitable, Callable, Optional, Tuple

from .link import Link

Behaviour = Callable[[Link], Awaitable[None]]
PLAIN_MS = 10.0
BOMB_MS = 50.0


@dataclass(frozen=True)
class Attack:
    """The behaviour runs once for each attacker and anew whenever its connection ended."""

    name: str
    about: str
    behaviour: Behaviour
    bound: str
    """Which of the server's options or rules stops it, for the page."""
    needs_deflate: bool = False
    p99_above_rest_ms: float = PLAIN_MS
    connections: int = 1
    """That each attacker has at once."""
    server_options: Tuple[str, ...] = ()
    newcomers_get_in: bool = True
    """False where the attackers rightly have all places."""
    descriptors: Optional[int] = None
    """The server's limit of descriptors."""
    environment: str = ""
    """Something that is done to the machine, the server or the network: see environment.py."""
