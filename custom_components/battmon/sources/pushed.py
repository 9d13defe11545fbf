"""A battery that somebody else reads: an action brings its readings (ArduPilot's scripting backend)."""

from collections.abc import Mapping
from typing import Any, ClassVar, override

from homeassistant.core import HomeAssistant

from ..model.errors import CommandBlocked, LinkDown, NoReply, NothingNew
from ..model.identity import Fingerprint
from ..model.reading import Identity, Reading
from ..model.switching import Wanted
from ..protocols.protocol import Outcome
from .kind import Kind, Opening
from .source import Source

CONF_TIME_OUT = "time_out"
"""Seconds after which a battery whose readings stop is out of sight."""
DEFAULT_TIME_OUT = 60.0
LOOK_AGAIN = 10.0
"""Seconds after which it is looked whether readings still come."""
POLLS = 3
"""A battery is out of sight after three polls without a sample (rules 1)."""


class PushedKind(Kind):
    """Fed by an action."""

    has_interval: ClassVar = False

    @override
    async def open(self, entry: Opening) -> Source:
        return PushedSource(entry.hass, entry.options.get(CONF_TIME_OUT, DEFAULT_TIME_OUT))

    @override
    def default_interval(self, data: Mapping[str, Any]) -> float:
        return LOOK_AGAIN


class PushedSource(Source):
    """Hands on each reading once. Nothing of before a restart is shown."""

    is_instant = True

    def __init__(self, hass: HomeAssistant, time_out: float) -> None:
        super().__init__()
        self.fingerprint = Fingerprint(identity=Identity(model="Pushed readings"))
        self.time_out = time_out
        self._hass = hass
        self._new: Reading | None = None
        self._pushed_at: float | None = None
        self._closed = False

    def push(self, reading: Reading) -> None:
        """Take a reading in: the next read brings it."""
        self._new, self._pushed_at = reading, self._hass.loop.time()

    @property
    @override
    def poll(self) -> float:
        return self.time_out / POLLS

    @override
    async def read(self) -> Reading:
        if self._closed:
            raise LinkDown("the battery is being unloaded")
        if self._pushed_at is None:
            raise NoReply("no reading was pushed since the start")
        if self._hass.loop.time() - self._pushed_at > self.time_out:
            self._new = None
            raise NoReply(f"no reading was pushed for more than {self.time_out:g} s")
        if self._new is None:
            raise NothingNew("no reading was pushed since the last one")
        reading, self._new = self._new, None
        return reading

    @override
    async def command(self, wanted: Wanted, *, force: bool) -> Outcome:
        raise CommandBlocked(
            "not_permitted",
            {"switches": ", ".join(name for name, on in wanted._asdict().items() if on is not None)},
        )

    @override
    async def close(self) -> None:
        self._closed = True
