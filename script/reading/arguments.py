"""What can be asked of `script/read`. A mistake is one line on standard error, exit status 2."""

import math
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn, override

from custom_components.battmon.protocols import PROTOCOLS
from custom_components.battmon.protocols.protocol import Protocol
from custom_components.battmon.transports.serial import SerialWire
from custom_components.battmon.transports.wire import Wire

EPILOG = """\
Prints one JSON object a reading, one line each. Exit status: 0 if all went well, 1 if the
battery could not be read (the reason is one line on standard error), 2 for a wrong option."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A command line that makes sense."""

    protocol: Protocol
    address: str
    """What to open, as it was given."""
    wire: Wire
    watch: float | None
    """Seconds between readings; `None` for one reading."""


@dataclass(frozen=True, slots=True)
class WireOption:
    """An option that says where a battery is, and how that becomes a wire."""

    name: str
    metavar: str
    help: str
    open: Callable[[str, type[Protocol], Namespace], Wire]


def _serial(address: str, protocol: type[Protocol], chosen: Namespace) -> Wire:
    return SerialWire(address, chosen.baud or protocol.serial_line.baud_rate)


WIRES = (
    WireOption("serial", "PATH-OR-URL", "a serial port, socket://HOST:PORT or rfc2217://HOST:PORT", _serial),
)


class _Parser(ArgumentParser):
    @override
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def parse(arguments: list[str]) -> Asked:
    """Return what is asked for, or exit."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    protocol = PROTOCOLS[chosen.protocol]
    if chosen.password is not None and not protocol.password_is_valid(chosen.password):
        parser.error(f"argument --password: not the form of a {chosen.protocol} password")
    option = next(option for option in WIRES if getattr(chosen, option.name) is not None)
    address: str = getattr(chosen, option.name)
    return Asked(protocol(chosen.password), address, option.open(address, protocol, chosen), chosen.watch)


def _parser() -> ArgumentParser:
    parser = _Parser(
        prog="script/read",
        description="Read one battery, without Home Assistant.",
        epilog=EPILOG,
        allow_abbrev=False,
    )
    known = "; ".join(f"{key}: {protocol.name}" for key, protocol in PROTOCOLS.items())
    parser.add_argument("protocol", choices=PROTOCOLS, help=known)
    where = parser.add_mutually_exclusive_group(required=True)
    for option in WIRES:
        where.add_argument(f"--{option.name}", metavar=option.metavar, help=option.help)
    parser.add_argument(
        "--baud", type=_baud_rate, metavar="N", help="speed of a serial line, if not the usual"
    )
    parser.add_argument("--password", metavar="P", help="for a battery that asks for one")
    parser.add_argument(
        "--watch", type=_seconds, metavar="SECONDS", help="a reading every SECONDS until Ctrl-C"
    )
    return parser


def _baud_rate(text: str) -> int:
    rate = int(text)
    if rate <= 0:
        raise ValueError
    return rate


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < math.inf:
        raise ValueError
    return seconds


# How argparse names them in its messages.
_baud_rate.__name__ = "baud rate"
_seconds.__name__ = "number of seconds"
