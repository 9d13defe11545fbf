"""What the demo calls a battery."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Known:
    """A battery as Home Assistant has it, with what the demo calls it."""

    key: str
    name: str
    icon: str

    @property
    def cells_shown(self) -> int:
        """How many of its cells have entities of their own."""
        return 0
