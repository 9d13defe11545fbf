"""What every armed fault has in common: how often it strikes, for how long, and after how many that pass."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, ClassVar, Self


@dataclass
class ArmedFault:
    """A fault that waits for what it may strike. Panels say what that is, and what it does."""

    known: ClassVar[Collection[str]] = ()
    """The kinds that there are."""

    kind: str
    count: int | None = 1
    """How often it strikes; None is always."""
    seconds: float | None = None
    """How long it lasts from the first time that it could strike, whatever its count, in s."""
    skip: int = 0
    """How many pass before: with 2, it strikes at the third from now on that it could strike."""
    struck: int = 0
    """How often it has struck so far."""
    _passed: int = 0
    _until: float | None = None

    def __post_init__(self) -> None:
        """Refuse what no panel knows."""
        if self.kind not in self.known:
            raise ValueError(f"no fault {self.kind!r}; known: {', '.join(sorted(self.known))}")

    @classmethod
    def armed(cls, kind: str, count: int | None, seconds: float | None, **settings: Any) -> Self:
        """Return a fault; with `seconds` and the default count it strikes every time during them."""
        return cls(kind, None if seconds is not None and count == 1 else count, seconds, **settings)

    @property
    def spent(self) -> bool:
        """It has struck as often as it may."""
        return self.count is not None and self.struck >= self.count

    def goes_off(self, now: float) -> bool:
        """Whether it strikes what it could strike now; asking counts."""
        if self.spent:
            return False
        if self.seconds is not None:
            self._until = now + self.seconds if self._until is None else self._until
            if now > self._until:
                self.count = self.struck
                return False
        self._passed += 1
        if self._passed <= self.skip:
            return False
        self.struck += 1
        return True
