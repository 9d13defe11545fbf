"""The fault panel: it sits between a device and its wire, sees every request, and spoils what it is told to.

A fault armed with `inject` strikes matching requests until it is used up, its time is over, or it is cleared.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from random import Random
from threading import RLock
from typing import Any, ClassVar, override

from .arming import ArmedFault
from .device import Device, Reply, Request

type Matches = Callable[[Request], bool]

KINDS = {
    "drop": "the device acts, its reply is lost",
    "silence": "the device hears nothing and says nothing",
    "delay": "the reply comes late",
    "corrupt": "bits of one byte are flipped",
    "split": "the reply comes in pieces, with pauses",
    "double": "the reply comes twice",
    "stale": "the reply is held back and comes right before the next one",
    "noise": "random bytes before or after the reply",
    "wrong_register": "the reply names another register",
    "error": "an error status instead; the device is not asked",
    "truncate": "only the first bytes come",
    "vanish": "the device acts, but the port is gone before it can reply",
}
ERROR_DELAY = 0.02
"""From a request to an error reply that the panel makes, in s."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A request that crossed the wire."""

    register: int
    write: bool
    data: bytes
    time: float
    intact: bool
    faults: tuple[str, ...]
    """Kinds that struck it."""


@dataclass
class Fault(ArmedFault):
    """An armed fault; it could strike every request that fits."""

    known: ClassVar[Collection[str]] = KINDS

    match: Matches | None = None
    """Only requests for which this is true, beside `register` and `write`."""
    register: int | None = None
    write: bool | None = None
    """Only this register, only writes (True) or reads (False)."""
    delay: float = 1.0
    """How much later a delayed reply comes, in s."""
    position: int | None = None
    """Byte of the reply to corrupt; None picks one by chance."""
    mask: int = 0x01
    """Bits to flip there."""
    cuts: tuple[int, ...] = (5,)
    """Offsets at which a reply is split."""
    pause: float = 0.05
    """Pause at each cut, in s."""
    keep: int = 5
    """Bytes left of a truncated reply."""
    status: int = 0x80
    """Of an error reply."""
    as_register: int | None = None
    """Register put into a reply; None is the next one."""
    noise: bytes | None = None
    """Bytes of noise; None makes some up."""
    where: str = "before"
    """Noise comes before the reply, after it, or both."""

    @override
    def __post_init__(self) -> None:
        super().__post_init__()
        if self.where not in ("before", "after", "both"):
            raise ValueError(f"noise comes before, after or both, not {self.where!r}")

    def strikes(self, request: Request, now: float) -> bool:
        """Whether it strikes this request; asking counts."""
        return self._fits(request) and self.goes_off(now)

    def _fits(self, request: Request) -> bool:
        return (
            (self.register is None or request.register == self.register)
            and (self.write is None or request.write == self.write)
            and (self.match is None or self.match(request))
        )


class FaultPanel:
    """Armed faults, the log of requests, and the replies that are held back."""

    def __init__(self, seed: int = 0) -> None:
        self.log: list[Seen] = []
        """Every request seen, oldest first."""
        self.unplug: Callable[[], None] | None = None
        """Set by a line: takes the port away for the fault "vanish"."""
        self.speak: Callable[[bytes], None] | None = None
        """Set by a line: sends bytes that nobody asked for."""
        self._random = Random(seed)
        self._faults: list[Fault] = []
        self._held: list[Reply] = []
        self._lock = RLock()

    def inject(
        self,
        kind: str,
        count: int | None = 1,
        seconds: float | None = None,
        match: Matches | None = None,
        **settings: Any,
    ) -> Fault:
        """Arm a fault; with `seconds` and the default count it strikes everything during that time.

        The kinds are in `KINDS`, the settings are the further fields of `Fault`.
        """
        fault = Fault.armed(kind, count, seconds, match=match, **settings)
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Disarm everything and forget held replies; the log stays."""
        with self._lock:
            self._faults.clear()
            self._held.clear()

    def say(self, data: bytes | None = None) -> None:
        """Send bytes that nobody asked for, now, noise by default; needs a line."""
        if self.speak is None:
            raise RuntimeError("a panel without a line has no wire to speak on")
        self.speak(self.make_noise() if data is None else data)

    def make_noise(self, length: int = 24) -> bytes:
        """Random bytes with false starts of a frame and false lengths among them."""
        noise = bytearray(self._random.randbytes(length))
        for at in range(0, length - 4, 8):
            noise[at : at + 4] = bytes(
                (0xDD, self._random.choice((0x03, 0x04)), 0x00, self._random.randrange(4, 60))
            )
        return bytes(noise)

    def answer(self, device: Device, request: Request, now: float) -> list[Reply]:
        """Pass a request on and spoil what comes back."""
        with self._lock:
            faults = [fault for fault in self._faults if fault.strikes(request, now)]
            self._faults = [fault for fault in self._faults if not fault.spent]
            held, self._held = self._held, []
        kinds = tuple(fault.kind for fault in faults)
        self.log.append(Seen(request.register, request.write, request.data, now, request.intact, kinds))
        replies = self._ask(device, request, now, faults)
        for fault in faults:
            replies = self._SPOIL[fault.kind](self, fault, replies)
        # A late reply goes out right before the next one.
        first = replies[0].delay if replies else 0.0
        return [replace(reply, delay=first) for reply in held] + replies

    def _ask(self, device: Device, request: Request, now: float, faults: list[Fault]) -> list[Reply]:
        for fault in faults:
            if fault.kind == "silence":
                return []
            if fault.kind == "error":
                return [Reply(device.refusal(request, fault.status), ERROR_DELAY)]
        replies = device.answer(request, now)
        for fault in faults:
            if fault.kind == "wrong_register":
                register = (request.register + 1) & 0xFF if fault.as_register is None else fault.as_register
                replies = [replace(reply, data=device.relabelled(reply.data, register)) for reply in replies]
        return replies

    # What each kind does to the replies.

    def _keep(self, fault: Fault, replies: list[Reply]) -> list[Reply]:
        return replies

    def _drop(self, fault: Fault, replies: list[Reply]) -> list[Reply]:
        return []

    def _delay(self, fault: Fault, replies: list[Reply]) -> list[Reply]:
        return [replace(reply, delay=reply.delay + fault.delay) for reply in replies]

    def _corrupt(self, fault: Fault, replies: list[Reply]) -> list[Reply]:
        return [replace(reply, data=self._flip(fault, reply.data)) for reply in replies]

    def _flip(self, fault: Fault, data: bytes) -> bytes:
        at = self._random.randrange(len(data)) if fault.position is None else fault.position % len(data)
        return data[:at] + bytes((data[at] ^ fault.mask,)) + data[at + 1 :]

    def _split(self, fault: Fault, replies: list[Reply]) -> list[Reply]:
        return [piece for reply in replies for piece in _pieces(fault, reply)]

    def _double(self, fault: Fault, replies: list[Reply]) -> list[Reply]:
        return [reply for reply in replies for _ in range(2)]

    def _stale(self, fault: Fault, replies: list[Reply]) -> list[Reply]:
        with self._lock:
            self._held.extend(replies)
        return []

    def _noise(self, fault: Fault, replies: list[Reply]) -> list[Reply]:
        noise = self.make_noise() if fault.noise is None else fault.noise
        before = noise if fault.where in ("before", "both") else b""
        after = noise if fault.where in ("after", "both") else b""
        return [replace(reply, data=before + reply.data + after) for reply in replies]

    def _truncate(self, fault: Fault, replies: list[Reply]) -> list[Reply]:
        return [replace(reply, data=reply.data[: fault.keep]) for reply in replies]

    def _vanish(self, fault: Fault, replies: list[Reply]) -> list[Reply]:
        if self.unplug is None:
            raise RuntimeError("a panel without a line has no port to take away")
        self.unplug()
        return []

    _SPOIL: ClassVar[dict[str, Callable[[FaultPanel, Fault, list[Reply]], list[Reply]]]] = {
        "drop": _drop,
        "silence": _keep,
        "delay": _delay,
        "corrupt": _corrupt,
        "split": _split,
        "double": _double,
        "stale": _stale,
        "noise": _noise,
        "wrong_register": _keep,
        "error": _keep,
        "truncate": _truncate,
        "vanish": _vanish,
    }


def _pieces(fault: Fault, reply: Reply) -> Iterator[Reply]:
    edges = [0, *(cut for cut in sorted(set(fault.cuts)) if 0 < cut < len(reply.data)), len(reply.data)]
    for start, end in pairwise(edges):
        yield replace(reply, data=reply.data[start:end], pause=fault.pause if start else reply.pause)
