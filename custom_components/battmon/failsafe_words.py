"""The failsafe as attributes, events and actions tell of it."""

from collections.abc import Iterable
from typing import Any

from .model.failsafe.failsafe import Failsafe
from .model.failsafe.levels import Reason, Side
from .model.failsafe.words import in_words


def failsafe_in_words(failsafe: Failsafe) -> dict[str, Any]:
    """Return levels, side and reasons as plain values."""
    return {
        "level": failsafe.level.key,
        "discharge_level": failsafe.discharge_level.key,
        "charge_level": failsafe.charge_level.key,
        "side": side_of(failsafe.reasons),
        **reasons_in_words(failsafe.reasons),
    }


def reasons_in_words(reasons: Iterable[Reason]) -> dict[str, Any]:
    """Return reasons for people, worst first, and whether the level that they raise is a drill's alone."""
    known = tuple(reasons)
    return {
        "reasons": [in_words(reason) for reason in known],
        # Who leaves drills alone must not leave alone what is in earnest and as bad.
        "test": bool(known) and all(reason.test for reason in known if reason.level == known[0].level),
    }


def side_of(reasons: tuple[Reason, ...]) -> str | None:
    """Return the side of the worst reasons: what a person would do about them."""
    sides = {reason.side for reason in reasons if reason.level == reasons[0].level}
    if len(sides) > 1:
        sides.discard(Side.FAULT)
    return None if not sides else sides.pop().value if len(sides) == 1 else Side.BOTH.value
