"""What every protocol must be, whatever it speaks."""

import re
import sys
from dataclasses import fields
from types import ModuleType

import pytest

from custom_components.battmon.model.reading import Reading
from custom_components.battmon.model.switching import SwitchMemory, Wanted
from custom_components.battmon.protocols import PROTOCOLS
from custom_components.battmon.protocols.conversation import Exchange
from custom_components.battmon.protocols.fields import Field, Layout, Word
from custom_components.battmon.protocols.jbd import Jbd, read, write
from custom_components.battmon.protocols.protocol import Protocol
from simulators.jbd import JbdDevice
from simulators.presets import steady_4s

from .driver import Driver, command
from .vectors import load

QUANTITIES = {field.name for field in fields(Reading)}
MODULES = {
    name.rpartition(".")[2]: module
    for name, module in sorted(sys.modules.items())
    if name.startswith("custom_components.battmon.protocols.")
}
LAYOUTS = {
    f"{module}.{name}": layout
    for module, content in MODULES.items()
    for name, layout in vars(content).items()
    if isinstance(layout, Layout)
}

every_protocol = pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=PROTOCOLS)
every_layout = pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)


@every_layout
def test_a_field_is_a_quantity_of_a_reading(layout: Layout) -> None:
    assert {row.name for row in layout.rows if isinstance(row, Field)} <= QUANTITIES


@every_layout
def test_no_row_stands_twice(layout: Layout) -> None:
    names = [row.name for row in layout.rows]
    assert len(names) == len(set(names))


@every_layout
def test_a_divisor_is_a_power_of_ten(layout: Layout) -> None:
    assert {row.divisor for row in layout.rows if isinstance(row, Field)} <= {1, 10, 100, 1000}


def test_the_layouts_of_jbd_have_the_sizes_of_its_document() -> None:
    assert LAYOUTS["jbd_contents.BASIC"].size == 23
    assert LAYOUTS["jbd_contents.TAIL"].size == 9


@pytest.mark.parametrize("module", MODULES.values(), ids=MODULES)
def test_rows_stand_in_layouts_only(module: ModuleType) -> None:
    assert not [name for name, thing in vars(module).items() if isinstance(thing, Word)]


@every_protocol
def test_a_protocol_declares_itself(protocol: type[Protocol]) -> None:
    assert PROTOCOLS[protocol.key] is protocol
    assert re.fullmatch(r"[a-z][a-z0-9_]*", protocol.key)
    assert protocol.name == protocol.name.strip() != ""
    assert protocol.serial_line.baud_rate in {9600, 19200, 38400, 57600, 115200}
    assert protocol.switches <= set(Wanted._fields)


def test_keys_and_names_are_unique() -> None:
    assert len({protocol.key for protocol in PROTOCOLS.values()}) == len(PROTOCOLS)
    assert len({protocol.name for protocol in PROTOCOLS.values()}) == len(PROTOCOLS)


@every_protocol
def test_a_protocol_starts_with_the_memory_it_is_given(protocol: type[Protocol]) -> None:
    memory = SwitchMemory(factory_mode=True)
    assert protocol(None, memory).memory is memory
    assert protocol().memory == SwitchMemory()


@every_protocol
@pytest.mark.parametrize("junk", ["", " ", "\0", "a" * 500, "１２３４５６", "²²²²²²", "12345\n"])
def test_no_junk_is_a_password(protocol: type[Protocol], junk: str) -> None:
    assert not protocol.password_is_valid(junk)


@every_protocol
def test_a_framing_starts_with_one_byte(protocol: type[Protocol]) -> None:
    request = next(protocol().poll())
    assert isinstance(request, Exchange)
    assert len(request.framing.start) == 1
    assert request.framing.length_at < request.framing.overhead


def spoken(device: JbdDevice, *commands: Wanted, password: str | None = None) -> set[str]:
    """Return every request that a whole life with a board brings about."""
    driver, protocol = Driver(device), Jbd(password)
    driver.say(protocol.identify())
    driver.say(protocol.poll_counts())
    for wanted in commands:
        driver.say(command(protocol, wanted))
    return {request.hex() for request in driver.requests}


def test_requests_are_the_documented_bytes_and_no_others() -> None:
    commands = (
        Wanted(charging=False, discharging=True),
        Wanted(charging=True, discharging=False),
        Wanted(charging=False),
        Wanted(charging=True, discharging=True),
        Wanted(balancing=False),
        Wanted(balancing=True),
    )
    said = spoken(steady_4s(password="000000"), *commands, password="000000")
    assert said == set(load("jbd", "requests")["requests"].values())


@pytest.mark.parametrize(
    ("exchange", "reply", "answers"),
    [
        (read(0x2D), "dd2d00020006fff877", True),
        (read(0x2D), "dd2d8100ff7f77", True),
        (read(0x2D), "dd2d0000000077", False),  # a late acknowledgement of a write
        (read(0x2D), "dd2a00020c80ff7277", False),
        (read(0x05), "dd050000000077", True),  # an empty name
        (write(0x2D, b"\0\2"), "dd2d0000000077", True),
        (write(0x2D, b"\0\2"), "dd2d8100ff7f77", True),
        (write(0x2D, b"\0\2"), "dd2d00020006fff877", False),  # a late answer to a read
        (write(0x2D, b"\0\2"), "dde10000000077", False),
    ],
)
def test_only_the_answer_to_a_jbd_request_matches_it(exchange: Exchange, reply: str, answers: bool) -> None:
    (frame,) = exchange.framing.cutter().feed(bytes.fromhex(reply))
    assert exchange.matches(frame) is answers
