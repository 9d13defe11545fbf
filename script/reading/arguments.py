"""What can be asked of `script/read`. A mistake is one line on standard error, exit status 2."""

import math
import re
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn, override

from custom_components.battmon.protocols import PROTOCOLS
from custom_components.battmon.protocols.bus import BusProtocol, BusSettings
from custom_components.battmon.protocols.protocol import Protocol
from custom_components.battmon.transports.serial import SerialWire
from custom_components.battmon.transports.wire import Wire

EPILOG = """\
Prints one JSON object a reading, or a device that a scan finds, one line each. Exit status: 0 if all
went well, 1 if the battery or bus could not be read (the reason is one line on standard error), 2 for
a wrong option."""


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
class Scan:
    """A bus that is to be looked at."""

    address: str
    """As it was given."""
    path: str


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
    if protocol.is_on_bus:
        raise ValueError(f"{protocol.name} is on an I2C bus, see --i2c")
    return SerialWire(address, chosen.baud or protocol.serial_line.baud_rate)


def _bluetooth(address: str, protocol: type[Protocol], _chosen: Namespace) -> Wire:
    if protocol.bluetooth is None:
        raise ValueError(f"{protocol.name} has no Bluetooth")
    # bleak takes longer to load than all the rest, and who reads a serial line need not wait for it.
    from .radio import bluetooth_wire  # noqa: PLC0415

    return bluetooth_wire(address, protocol.bluetooth)


def _i2c(path: str, protocol: type[Protocol], chosen: Namespace) -> Wire:
    if not protocol.is_on_bus:
        raise ValueError(f"{protocol.name} is on no I2C bus")
    from .i2c import LoneWire  # noqa: PLC0415 - smbus2 is only needed for a bus

    return LoneWire(path, chosen.address)


def _bus_path(text: str) -> str:
    return f"/dev/i2c-{int(text)}" if text.isdecimal() else text


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
    WireOption("i2c", "BUS", "an I2C bus: its number or path", _i2c, _bus_path),
)
SCAN = "scan"
BUS_OPTIONS = ("shunt", "max_current", "fine_range", "channel", "current_channel", "cells", "invert")
"""Fields of `BusSettings` that can be set."""
ONLY_WITH = {
    "baud": ("serial",),
    "password": ("serial", "bluetooth"),
    "bluetooth_password": ("bluetooth",),
    **dict.fromkeys(("address", *BUS_OPTIONS), ("i2c",)),
}
"""Options that mean something on some wires only."""
USABLE = range(0x08, 0x78)
"""Addresses of a bus that are not reserved, by the I2C specification."""


class _Parser(ArgumentParser):
    @override
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def parse(arguments: list[str]) -> Asked | Scan:
    """Return what is asked for, or exit."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    if chosen.protocol == SCAN:
        return _scan(parser, chosen)
    kind = PROTOCOLS[chosen.protocol]
    option = next(option for option in WIRES if getattr(chosen, option.name) is not None)
    _check(parser, kind, option, chosen)
    address: str = getattr(chosen, option.name)
    try:
        wire = option.open(address, kind, chosen)
    except ValueError as error:
        parser.error(f"argument --{option.name}: {error}")
    if issubclass(kind, BusProtocol):
        address = f"{address} 0x{chosen.address:02x}"
    return Asked(_protocol(parser, kind, chosen), address, wire, chosen.watch)


def _protocol(parser: ArgumentParser, kind: type[Protocol], chosen: Namespace) -> Protocol:
    if not issubclass(kind, BusProtocol):
        return kind(chosen.password, address=chosen.bluetooth, bluetooth_password=chosen.bluetooth_password)
    given = {name: getattr(chosen, name) for name in BUS_OPTIONS if getattr(chosen, name) is not None}
    for name in given:
        if name not in kind.needs | kind.takes:
            parser.error(f"argument --{_option(name)}: means nothing to {kind.name}")
    try:
        return kind(BusSettings(address=chosen.address, **given))
    except ValueError as error:
        parser.error(str(error))


def _scan(parser: ArgumentParser, chosen: Namespace) -> Scan:
    allowed = {"protocol": SCAN, "i2c": chosen.i2c}
    for name, value in vars(chosen).items():
        if value is not None and name not in allowed:
            parser.error(f"argument --{_option(name)}: not with {SCAN}, which takes --i2c only")
    return Scan(chosen.i2c, chosen.i2c)


def _option(name: str) -> str:
    return name.replace("_", "-")


def _check(parser: ArgumentParser, kind: type[Protocol], wire: WireOption, chosen: Namespace) -> None:
    for name, needed in ONLY_WITH.items():
        if getattr(chosen, name) is not None and wire.name not in needed:
            parser.error(f"argument --{_option(name)}: only with --{' or --'.join(needed)}")
    if wire.name == "i2c" and chosen.address is None:
        parser.error("the following arguments are required with --i2c: --address")
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
    parser.add_argument(
        "protocol", choices=(*PROTOCOLS, SCAN), help=f"{known}; {SCAN}: what is on an I2C bus"
    )
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
    _add_bus_options(parser)
    parser.add_argument(
        "--watch", type=_seconds, metavar="SECONDS", help="a reading every SECONDS until Ctrl-C"
    )
    return parser


def _add_bus_options(parser: ArgumentParser) -> None:
    parser.add_argument("--address", type=_bus_address, metavar="N", help="on an I2C bus, as 0x0b")
    parser.add_argument("--shunt", type=_amount, metavar="OHM", help="of a power monitor")
    parser.add_argument(
        "--max-current", type=_amount, metavar="A", help="the largest that a power monitor is to measure"
    )
    parser.add_argument("--channel", type=_count, metavar="N", help="of a chip with several, from 1")
    parser.add_argument(
        "--current-channel", type=_count, metavar="N", help="of a converter: where the current sensor is"
    )
    parser.add_argument("--cells", type=_count, metavar="N", help="instead of what a smart battery says")
    for name, meaning in (
        ("--fine-range", "the smaller one of two shunt ranges"),
        ("--invert", "the current flows through the shunt the other way round"),
    ):
        parser.add_argument(name, action="store_const", const=True, help=meaning)


def _bus_address(text: str) -> int:
    address = int(text, 0)
    if address not in USABLE:
        raise ValueError
    return address


def _amount(text: str) -> float:
    amount = float(text)
    if not 0 < amount < math.inf:
        raise ValueError
    return amount


def _count(text: str) -> int:
    count = int(text)
    if count <= 0:
        raise ValueError
    return count


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
_bus_path.__name__ = "I2C bus"
_bus_address.__name__ = "address on a bus (0x08 to 0x77)"
_amount.__name__ = "amount"
_count.__name__ = "count"
_baud_rate.__name__ = "baud rate"
_seconds.__name__ = "number of seconds"
_bluetooth_address.__name__ = "Bluetooth address"
