"""Every attack, by family. A new one is a coroutine and a line in its family's table."""

from . import bombs, floods, handshakes, machine, slow, storms, unfinished
from .attack import Attack

FAMILIES = (handshakes, slow, floods, bombs, unfinished, storms, machine)
ATTACKS = {attack.name: attack for family in FAMILIES for attack in family.ATTACKS}

__all__ = ["ATTACKS", "Attack"]
