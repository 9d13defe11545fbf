"""What can be asked of `script/read`. A mistake is one line on standard error, exit status 2."""

import math
import re
import sys
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
    """Raises `ValueError` for a battery that has no such wire."""
    address: Callable[[str], str] = str
    """Returns an address as it is used, or raises `ValueError`."""


def _serial(address: str, protocol: type[Protocol], chosen: Namespace) -> Wire:
    return SerialWire(address, chosen.baud or protocol.serial_line.baud_rate)


def _bluetooth(address: str, protocol: type[Protocol], _chosen: Namespace) -> Wire:
    if protocol.bluetooth is None:
        raise ValueError(f"{protocol.name} has no Bluetooth")
    # bleak takes longer to load than all the rest, and who reads a serial line need not wait for it.
    from .radio import bluetooth_wire  # noqa: PLC0415

    return bluetooth_wire(address, protocol.bluetooth)


def _bluetooth_address(text: str) -> str:
    if not (IDENTIFIER if sys.platform == "darwin" else MAC_ADDRESS).fullmatch(text):
        raise ValueError
    return text.upper()


MAC_ADDRESS = re.compile("[0-9a-f]{2}(:[0-9a-f]{2}){5}", re.IGNORECASE)
IDENTIFIER = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
"""macOS keeps the addresses of devices to itself and makes up UUIDs in their place."""

WIRES = (
    WireOption("serial", "PATH-OR-URL", "a serial port, socket://HOST:PORT or rfc2217://HOST:PORT", _serial),
    WireOption(
        "bluetooth", "ADDRESS", "as A4:C1:37:12:34:56 (on macOS its UUID)", _bluetooth, _bluetooth_address
    ),
)
ONLY_WITH = {"baud": "serial", "bluetooth_password": "bluetooth"}
"""Options that mean something on one wire only."""


class _Parser(ArgumentParser):
    @override
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def parse(arguments: list[str]) -> Asked:
    """Return what is asked for, or exit."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    kind = PROTOCOLS[chosen.protocol]
    option = next(option for option in WIRES if getattr(chosen, option.name) is not None)
    _check(parser, kind, option, chosen)
    address: str = getattr(chosen, option.name)
    try:
        wire = option.open(address, kind, chosen)
    except ValueError as error:
        parser.error(f"argument --{option.name}: {error}")
    protocol = kind(chosen.password, address=chosen.bluetooth, bluetooth_password=chosen.bluetooth_password)
    return Asked(protocol, address, wire, chosen.watch)


def _check(parser: ArgumentParser, kind: type[Protocol], wire: WireOption, chosen: Namespace) -> None:
    for name, needed in ONLY_WITH.items():
        if getattr(chosen, name) is not None and wire.name != needed:
            parser.error(f"argument --{name.replace('_', '-')}: only with --{needed}")
    if chosen.password is not None and not kind.password_is_valid(chosen.password):
        parser.error(f"argument --password: not the form of a {kind.key} password")
    password = chosen.bluetooth_password
    if password is not None and not kind.bluetooth_password_is_valid(password):
        parser.error(f"argument --bluetooth-password: not the form of a {kind.key} Bluetooth password")


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
        where.add_argument(f"--{option.name}", type=option.address, metavar=option.metavar, help=option.help)
    parser.add_argument(
        "--baud", type=_baud_rate, metavar="N", help="speed of a serial line, if not the usual"
    )
    parser.add_argument("--password", metavar="P", help="for a battery that asks for one")
    parser.add_argument(
        "--bluetooth-password", metavar="P", help="for a battery whose Bluetooth module asks for one"
    )
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
_bluetooth_address.__name__ = "Bluetooth address"
