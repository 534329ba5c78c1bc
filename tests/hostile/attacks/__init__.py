"""Every attack, by family. A new one is a coroutine and a line in its family's table."""

from . import bombs, floods, slow
from .attack import Attack

FAMILIES = (floods, bombs, slow)
ATTACKS = {attack.name: attack for family in FAMILIES for attack in family.ATTACKS}

__all__ = ["ATTACKS", "Attack"]
