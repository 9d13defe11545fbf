"""What devices on an I2C bus have in common: they are read, and neither logged in to nor commanded."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any, ClassVar, override

from ..model.errors import Refusal, Refused
from ..model.switching import Approval, Wanted
from .conversation import Conversation
from .protocol import Outcome, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class BusSettings:
    """What a person says about one device on a bus. What does not concern a device is `None`."""

    address: int
    """7 bits."""
    shunt: float | None = None
    """In ohm."""
    max_current: float | None = None
    """The largest current that is to be measured, in A."""
    fine_range: bool = False
    """Whether the smaller one of two shunt ranges is used: less current, in finer steps."""
    channel: int | None = None
    """Of a chip that watches several batteries, from 1."""
    current_channel: int | None = None
    """Of a converter without a shunt input: where the current sensor is, from 1."""
    cells: int | None = None
    """In series, instead of what the device says."""
    pec: bool | None = None
    """Whether check bytes are sent; `None` finds out."""
    invert: bool = False
    """Whether the current flows through the shunt the other way round."""
    voltage_gain: float = 1.0
    current_gain: float = 1.0
    """For power monitors beside 1; for a converter in A per V."""
    voltage_offset: float = 0.0
    """Subtracted before the gain, in V."""
    current_offset: float = 0.0
    """Subtracted before the gain, in A; for a converter in V."""

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> BusSettings:
        """Read what an entry has of it."""
        return cls(**{field.name: stored[field.name] for field in fields(cls) if field.name in stored})


class Misfit(StrEnum):
    """Why settings do not fit a device, in words that are translated."""

    NUMBERS = "numbers"
    """One is missing, or it is none that a device could have: no form lets that pass."""
    CELLS = "cells"
    DROP_TOO_HIGH = "drop_too_high"
    DROP_TOO_LOW = "drop_too_low"
    CALIBRATION = "calibration"
    CURRENT = "current"
    CHANNEL = "channel"
    NO_CHANNEL = "no_channel"
    SAME_CHANNEL = "same_channel"


class Unfit(ValueError):
    """What a person says of a device cannot be true of one of its kind.

    `figures` are the numbers that the translated words name; the text is for logs and the shell.
    """

    def __init__(self, misfit: Misfit, text: str, **figures: str) -> None:
        super().__init__(text)
        self.misfit = misfit
        self.figures = figures


class BusProtocol(Protocol):
    """One kind of device on a bus, at one address."""

    is_on_bus: ClassVar = True
    addresses: ClassVar[tuple[int, ...]]
    """Where devices of this kind are found, the usual one first."""
    needs: ClassVar[frozenset[str]] = frozenset()
    """Fields of `BusSettings` that it cannot do without."""
    takes: ClassVar[frozenset[str]] = frozenset()
    """Further fields that mean something to it."""
    default_interval: ClassVar[float] = 2.0
    """Seconds between samples: a gauge works its values out about once a second."""

    def __init__(self, settings: BusSettings) -> None:
        """Raise `Unfit` for settings that do not fit the device."""
        super().__init__()
        self.settings = settings

    @classmethod
    @override
    def password_is_valid(cls, password: str) -> bool:
        return False

    @override
    def log_in(self) -> Conversation[None]:
        yield from ()
        raise Refused(Refusal.UNKNOWN_COMMAND)

    @override
    def poll_counts(self) -> Conversation[Mapping[str, int] | None]:
        yield from ()
        return None

    @override
    def recover(self) -> Conversation[None]:
        yield from ()

    @override
    def read_settings(self) -> Conversation[None]:
        yield from ()

    @override
    def forget_settings(self) -> None:
        """None are read."""

    @override
    def command(
        self, wanted: Wanted, approval: Approval, record_write: Callable[[], None]
    ) -> Conversation[Outcome]:
        yield from ()
        raise Refused(Refusal.UNKNOWN_COMMAND)
