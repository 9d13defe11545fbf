"""Linux's i2c-dev, as far as smbus2 uses it: a path that opens, ioctls that are answered, and a close.

Stands in for `os.open`, `os.close` and `ioctl` as smbus2 calls them; smbus2 and its structures are real.
Facts: linux/i2c-dev.h, linux/i2c.h.
"""

import errno
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from ctypes import memmove, string_at
from typing import Any, Protocol
from unittest.mock import patch

from smbus2 import smbus2

from .bus import Message

SLAVE, SLAVE_FORCE, FUNCS, RDWR, SMBUS = 0x0703, 0x0706, 0x0705, 0x0707, 0x0720
READ = 0x0001
"""Flag of a message that reads."""


class Adapter(Protocol):
    """A bus, here or in another process."""

    @property
    def present(self) -> bool:
        """Whether the adapter is there."""

    @property
    def functions(self) -> int:
        """What it can do, as of linux/i2c.h."""

    @property
    def taken(self) -> Collection[int]:
        """Addresses that drivers of the kernel have."""

    def transfer(self, messages: Sequence[Message]) -> list[bytes]:
        """Carry out a combined transfer and return what each message read; raises `OSError`."""


class Kernel:
    """Buses by the paths under which they open."""

    def __init__(self, buses: Mapping[str, Adapter]) -> None:
        self.buses = dict(buses)
        self.forced: list[int] = []
        """Addresses that were taken by force: nobody may."""
        self.quick: int = 0
        """How many SMBus transfers were asked for: BattMon never needs one."""
        self._open: dict[int, Adapter] = {}

    @property
    def open_files(self) -> int:
        """How many are open."""
        return len(self._open)

    @contextmanager
    def installed(self) -> Iterator[Kernel]:
        """Answer for as long as this lasts."""
        real_open, real_close, real_ioctl = os.open, os.close, smbus2.ioctl  # type: ignore[attr-defined]

        def open_(path: Any, flags: int, *rest: Any, **more: Any) -> int:
            bus = self.buses.get(os.fspath(path)) if isinstance(path, str | os.PathLike) else None
            if bus is None:
                return real_open(path, flags, *rest, **more)
            if not bus.present:
                raise FileNotFoundError(errno.ENOENT, "no such file", path)
            fd = real_open(os.devnull, os.O_RDWR)
            self._open[fd] = bus
            return fd

        def close(fd: int) -> None:
            self._open.pop(fd, None)
            real_close(fd)

        def ioctl(fd: int, request: int, argument: Any = 0, *rest: Any) -> Any:
            bus = self._open.get(fd)
            return (
                real_ioctl(fd, request, argument, *rest)
                if bus is None
                else self._answer(bus, request, argument)
            )

        with (
            patch.object(os, "open", open_),
            patch.object(os, "close", close),
            patch.object(smbus2, "ioctl", ioctl),
        ):
            yield self

    def _answer(self, bus: Adapter, request: int, argument: Any) -> int:
        if not bus.present:
            raise OSError(errno.ENODEV, "no such device")
        if request == FUNCS:
            argument.value = bus.functions
        elif request == SLAVE:
            if argument in bus.taken:
                raise OSError(errno.EBUSY, "device or resource busy")
        elif request == SLAVE_FORCE:
            self.forced.append(argument)
        elif request == RDWR:
            _transfer(bus, argument)
        elif request == SMBUS:
            self.quick += 1
            raise OSError(errno.EOPNOTSUPP, "operation not supported")
        else:
            raise OSError(errno.ENOTTY, "inappropriate ioctl")
        return 0


def _transfer(bus: Adapter, data: Any) -> None:
    """Carry out what a `struct i2c_rdwr_ioctl_data` asks for, in place."""
    structures = [data.msgs[number] for number in range(data.nmsgs)]
    messages = [
        Message(one.addr, None, one.len)
        if one.flags & READ
        else Message(one.addr, string_at(one.buf, one.len))
        for one in structures
    ]
    for structure, reply in zip(structures, bus.transfer(messages), strict=True):
        if reply:
            memmove(structure.buf, reply, len(reply))
