"""What every protocol must be, whatever it speaks."""

import re
import sys
from collections.abc import Callable
from dataclasses import fields
from types import ModuleType

import pytest

from custom_components.battmon.model.reading import Reading
from custom_components.battmon.model.switching import SwitchMemory, Wanted
from custom_components.battmon.protocols import PROTOCOLS, jbd
from custom_components.battmon.protocols.conversation import Exchange
from custom_components.battmon.protocols.fields import Field, Layout, Word
from custom_components.battmon.protocols.framing import Framing
from custom_components.battmon.protocols.jbd import Jbd, read, write
from custom_components.battmon.protocols.protocol import Protocol
from simulators.jbd import JbdDevice
from simulators.presets import steady_4s

from .driver import Driver, command
from .kinds import SPOKEN
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

FRAMINGS = {
    f"{module}.{name}": framing
    for module, content in MODULES.items()
    for name, framing in vars(content).items()
    if isinstance(framing, Framing) and f"{module}.{name}" != "jbd.FRAMING"  # which imports it
}

every_protocol = pytest.mark.parametrize("protocol", PROTOCOLS.values(), ids=PROTOCOLS)
every_spoken_protocol = pytest.mark.parametrize("protocol", SPOKEN.values(), ids=SPOKEN)
every_framing = pytest.mark.parametrize("framing", FRAMINGS.values(), ids=FRAMINGS)
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
    assert protocol.switches <= set(Wanted._fields)


@every_spoken_protocol
def test_a_protocol_declares_its_line(protocol: type[Protocol]) -> None:
    assert protocol.serial_line.baud_rate in {9600, 19200, 38400, 57600, 115200}


def test_keys_and_names_are_unique() -> None:
    assert len({protocol.key for protocol in PROTOCOLS.values()}) == len(PROTOCOLS)
    assert len({protocol.name for protocol in PROTOCOLS.values()}) == len(PROTOCOLS)


@every_spoken_protocol
def test_a_protocol_starts_with_the_memory_it_is_given(protocol: type[Protocol]) -> None:
    memory = SwitchMemory(factory_mode=True)
    assert protocol(None, memory).memory is memory
    assert protocol().memory == SwitchMemory()


@every_protocol
@pytest.mark.parametrize("junk", ["", " ", "\0", "a" * 500, "１２３４５６", "²²²²²²", "12345\n"])
def test_no_junk_is_a_password(protocol: type[Protocol], junk: str) -> None:
    assert not protocol.password_is_valid(junk)
    assert not protocol.bluetooth_password_is_valid(junk)


@every_framing
def test_a_framing_has_a_start_and_counts_within_what_every_frame_has(framing: Framing) -> None:
    assert framing.start
    assert len(framing.start) <= framing.length_at < framing.overhead


def test_jbd_has_two_framings() -> None:
    assert {name: framing.start.hex() for name, framing in FRAMINGS.items() if name.startswith("jbd")} == {
        "jbd_frames.FRAMING": "dd",
        "jbd_module.FRAMING": "ffaa",
    }


@every_spoken_protocol
def test_a_protocol_keeps_what_it_is_told_of_its_wire(protocol: type[Protocol]) -> None:
    told = protocol("123456", address="A4:C1:37:00:00:01", bluetooth_password="654321")
    assert (told.password, told.address, told.bluetooth_password) == ("123456", "A4:C1:37:00:00:01", "654321")
    assert (protocol().password, protocol().address, protocol().bluetooth_password) == (None, None, None)


@every_spoken_protocol
def test_a_new_link_needs_no_words_of_a_protocol_that_knows_nothing_of_it(protocol: type[Protocol]) -> None:
    assert list(protocol().open_link()) == []
    assert list(protocol(address="A4:C1:37:00:00:01").open_link()) == []


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


# How long a device is waited for.


@pytest.mark.parametrize(
    ("exchange", "timeouts"),
    [
        (lambda: read(0x03), (0.6, 1.5, 1.5)),
        (lambda: write(0xE1, b"\0\1"), (0.6, 1.5, 1.5)),
        (lambda: write(0x2D, b"\0\2", retries=0), (1.5,)),
        (lambda: write(0x06, b"\6\1\2\3\4\5\6", secret=True), (1.5, 1.5, 1.5)),
    ],
)
def test_a_lost_request_is_soon_made_good_unless_it_is_costly(
    exchange: Callable[[], Exchange], timeouts: tuple[float, ...]
) -> None:
    assert exchange().timeouts == timeouts


@pytest.mark.parametrize(
    ("first", "later", "timeouts"), [(0.6, 0.2, (0.2, 0.2, 0.2)), (0.1, 0.2, (0.1, 0.2, 0.2))]
)
def test_both_times_are_looked_up(
    monkeypatch: pytest.MonkeyPatch, first: float, later: float, timeouts: tuple[float, ...]
) -> None:
    monkeypatch.setattr(jbd, "FIRST_REPLY_TIMEOUT", first)
    monkeypatch.setattr(jbd, "REPLY_TIMEOUT", later)
    jbd.read.cache_clear()
    try:
        assert read(0x03).timeouts == write(0xE1, b"\0\1").timeouts == timeouts
    finally:
        jbd.read.cache_clear()


def test_a_request_that_a_sleeping_board_loses_costs_little() -> None:
    driver = Driver(steady_4s(loses_first_request=True))
    driver.say(Jbd().poll())
    assert driver.now == 0.6
