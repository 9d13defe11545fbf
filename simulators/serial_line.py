"""A device on a pseudo-terminal: a serial port by path, with honest timing, that can be unplugged."""

import errno
import os
import termios
import tty
from dataclasses import dataclass
from pathlib import Path
from typing import override

from .device import Device
from .faults import FaultPanel
from .line import Line

_NAMES = [name for name in dir(termios) if name[0] == "B" and name[1:].isdigit()]
_BAUD_RATES = {getattr(termios, name): int(name[1:]) for name in _NAMES}


@dataclass(frozen=True, slots=True)
class LineSettings:
    """What the one who opened the port has set; a pseudo-terminal knows only 8 data bits without parity."""

    baud_rate: int | None
    """None is a rate that this system's constants do not name."""
    stop_bits: int


class SerialLine(Line):
    """A pseudo-terminal in raw mode under a stable symbolic link."""

    def __init__(
        self,
        device: Device,
        link: str | os.PathLike[str],
        baud_rate: int | None = 9600,
        faults: FaultPanel | None = None,
    ) -> None:
        """Baud rate None: bytes take no time."""
        super().__init__(device, baud_rate, faults)
        self.link = Path(link)
        self._master = self._slave = -1

    @property
    def path(self) -> str:
        """What to open: the symbolic link."""
        return str(self.link)

    @property
    def line_settings(self) -> LineSettings:
        """The settings of the port as they are now; it must be plugged."""
        _, _, control, _, _, speed, _ = termios.tcgetattr(self._slave)
        return LineSettings(_BAUD_RATES.get(speed), 2 if control & termios.CSTOPB else 1)

    @override
    def _open(self) -> None:
        # The line keeps the far end open itself, so that others may come and go without the terminal ending.
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        temporary = self.link.with_name(f".{self.link.name}.new")
        temporary.unlink(missing_ok=True)
        try:
            temporary.symlink_to(os.ttyname(self._slave))
            temporary.replace(self.link)
        except OSError:
            os.close(self._master)
            os.close(self._slave)
            raise
        self._watch(self._master, self._read)

    @override
    def _close(self) -> None:
        self._unwatch(self._master)
        self.link.unlink(missing_ok=True)
        os.close(self._slave)
        os.close(self._master)

    def _read(self) -> None:
        self._received(os.read(self._master, 4096))

    @override
    def _write(self, data: bytes) -> None:
        try:
            os.write(self._master, data)
        except OSError as error:
            # A buffer that nobody empties loses bytes, as a serial port does.
            if error.errno != errno.EAGAIN:
                raise
