"""The fault panel, on a wire without a line."""

from typing import Any

import pytest

from simulators.endpoint import Endpoint
from simulators.faults import KINDS, FaultPanel
from simulators.jbd import JbdDevice
from simulators.jbd_frames import request_frame
from simulators.presets import steady_4s, steady_16s

BASIC, CELLS = request_frame(0x03), request_frame(0x04)
LOCK = request_frame(0xE1, b"\x00\x01")
PERIOD = 10.0


class Wire:
    """An endpoint without a speed; requests ten seconds apart."""

    def __init__(self, baud_rate: int | None = None) -> None:
        self.device: JbdDevice = steady_4s(delay=0.0)
        self.panel = FaultPanel(seed=3)
        self.endpoint = Endpoint(self.device, baud_rate, self.panel)
        self.now = 0.0

    def pieces(self, request: bytes, wait: float = PERIOD) -> list[tuple[float, bytes]]:
        """Send a request; return when, in ms from then, which bytes came until the next request."""
        start = self.now
        self.endpoint.receive(request, start)
        arrived = []
        while (due := self.endpoint.next_due) is not None and due <= start + wait:
            arrived += [(round((due - start) * 1000, 1), piece) for piece in self.endpoint.due(due)]
        self.now = start + wait
        return arrived

    def ask(self, request: bytes) -> bytes:
        """Send a request and return everything that came until the next one."""
        return b"".join(piece for _, piece in self.pieces(request))


@pytest.fixture
def wire() -> Wire:
    return Wire()


GOOD = steady_4s().receive(BASIC, 0.0)[0].data
GOOD_CELLS = steady_4s().receive(CELLS, 0.0)[0].data


def test_without_faults_every_request_is_answered(wire: Wire) -> None:
    assert [wire.ask(BASIC), wire.ask(CELLS), wire.ask(BASIC)] == [GOOD, GOOD_CELLS, GOOD]


def test_a_steady_battery_gives_the_same_bytes_for_ever(wire: Wire) -> None:
    first = wire.ask(BASIC)
    wire.now += 1e6
    assert wire.ask(BASIC) == first
    assert len(steady_16s().receive(CELLS, 0.0)[0].data) == 39


def test_dropped_replies_come_after_the_device_has_acted(wire: Wire) -> None:
    wire.panel.inject("drop")
    assert wire.ask(LOCK) == b""
    assert not wire.device.charge_fet
    assert wire.ask(BASIC) != b""


def test_silence_reaches_no_device(wire: Wire) -> None:
    wire.panel.inject("silence", seconds=25.0)
    assert [wire.ask(LOCK) for _ in range(3)] == [b""] * 3
    assert wire.device.charge_fet
    assert wire.ask(LOCK) != b""


def test_a_delayed_reply_comes_late(wire: Wire) -> None:
    wire.panel.inject("delay", delay=2.5)
    assert wire.pieces(BASIC) == [(2500.0, GOOD)]


def test_a_reply_delayed_beyond_the_next_request_comes_first(wire: Wire) -> None:
    wire.panel.inject("delay", delay=PERIOD + 5)
    assert wire.ask(BASIC) == b""
    assert wire.ask(CELLS) == GOOD + GOOD_CELLS


@pytest.mark.parametrize("position", range(len(GOOD)))
def test_any_byte_can_be_corrupted(wire: Wire, position: int) -> None:
    wire.panel.inject("corrupt", position=position, mask=0x80)
    spoilt = wire.ask(BASIC)
    assert [at for at in range(len(GOOD)) if spoilt[at] != GOOD[at]] == [position]
    assert spoilt[position] == GOOD[position] ^ 0x80


def test_chance_picks_the_byte_and_the_seed_the_chance() -> None:
    spoilt = set()
    for _ in range(2):
        wire = Wire()
        wire.panel.inject("corrupt", count=None)
        spoilt.add(tuple(wire.ask(BASIC) for _ in range(5)))
    (answers,) = spoilt
    assert GOOD not in answers
    assert len(set(answers)) > 1


def test_a_reply_can_be_split_anywhere_with_pauses(wire: Wire) -> None:
    wire.panel.inject("split", cuts=(1, 4, 20), pause=0.1)
    assert wire.pieces(BASIC) == [
        (0.0, GOOD[:1]),
        (100.0, GOOD[1:4]),
        (200.0, GOOD[4:20]),
        (300.0, GOOD[20:]),
    ]


def test_a_pause_is_silence_on_a_slow_wire_too() -> None:
    wire = Wire(9600)
    wire.panel.inject("split", cuts=(20,), pause=0.1)
    times = [time for time, _ in wire.pieces(BASIC)]
    byte = 10 / 9.6
    assert times[2] == pytest.approx((7 + 20) * byte, abs=0.1)
    assert times[3] == pytest.approx((7 + 28) * byte + 100, abs=0.1)


def test_a_reply_can_come_twice(wire: Wire) -> None:
    wire.panel.inject("double")
    assert wire.ask(BASIC) == GOOD * 2


def test_a_stale_reply_comes_right_before_the_next(wire: Wire) -> None:
    wire.panel.inject("stale")
    assert wire.ask(BASIC) == b""
    assert wire.ask(CELLS) == GOOD + GOOD_CELLS
    assert wire.ask(CELLS) == GOOD_CELLS


def test_noise_holds_false_starts_and_false_lengths(wire: Wire) -> None:
    noise = wire.panel.make_noise(40)
    assert noise.count(0xDD) >= 4
    assert len(set(noise)) > 15


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("before", b"\xdd\x03" + GOOD),
        ("after", GOOD + b"\xdd\x03"),
        ("both", b"\xdd\x03" + GOOD + b"\xdd\x03"),
    ],
)
def test_noise_around_a_reply(wire: Wire, where: str, expected: bytes) -> None:
    wire.panel.inject("noise", noise=b"\xdd\x03", where=where)
    assert wire.ask(BASIC) == expected


def test_a_reply_can_name_another_register(wire: Wire) -> None:
    wire.panel.inject("wrong_register")
    wire.panel.inject("wrong_register", skip=1, as_register=0x33)
    assert wire.ask(BASIC) == b"\xdd\x04" + GOOD[2:]
    assert wire.ask(BASIC) == b"\xdd\x33" + GOOD[2:]


@pytest.mark.parametrize("status", [0x80, 0x81, 0x82, 0x83])
def test_an_error_instead_of_obedience(wire: Wire, status: int) -> None:
    wire.panel.inject("error", status=status)
    answer = wire.ask(LOCK)
    assert answer[:4] == bytes((0xDD, 0xE1, status, 0))
    assert wire.device.charge_fet


def test_a_reply_can_end_early(wire: Wire) -> None:
    wire.panel.inject("truncate", keep=20)
    assert wire.ask(BASIC) == GOOD[:20]


@pytest.mark.parametrize("step", range(4))
def test_a_fault_can_strike_any_step(wire: Wire, step: int) -> None:
    wire.panel.inject("drop", skip=step)
    answered = [bool(wire.ask(BASIC)) for _ in range(4)]
    assert answered == [at != step for at in range(4)]


def test_a_fault_can_choose_its_requests(wire: Wire) -> None:
    wire.panel.inject("drop", register=0x04)
    wire.panel.inject("drop", write=True)
    wire.panel.inject("drop", match=lambda request: request.register == 0x05)
    answered = [bool(wire.ask(request)) for request in (BASIC, CELLS, LOCK, request_frame(0x05), BASIC)]
    assert answered == [True, False, False, False, True]


def test_a_fault_tells_how_often_it_struck(wire: Wire) -> None:
    fault = wire.panel.inject("drop", count=2)
    for _ in range(3):
        wire.ask(BASIC)
    assert (fault.struck, fault.spent) == (2, True)


def test_clear_ends_all_faults(wire: Wire) -> None:
    wire.panel.inject("stale", count=1)
    wire.panel.inject("double", count=None, skip=1)
    wire.ask(BASIC)
    wire.panel.clear()
    assert wire.ask(CELLS) == GOOD_CELLS


def test_faults_add_up(wire: Wire) -> None:
    wire.panel.inject("truncate", keep=10)
    wire.panel.inject("double")
    assert wire.ask(BASIC) == GOOD[:10] * 2


def test_the_log_tells_what_crossed_the_wire(wire: Wire) -> None:
    wire.panel.inject("drop", register=0xE1)
    wire.ask(BASIC)
    wire.ask(LOCK)
    seen = [(entry.register, entry.write, entry.data, entry.time, entry.faults) for entry in wire.panel.log]
    assert seen == [(0x03, False, b"", 0.0, ()), (0xE1, True, b"\x00\x01", PERIOD, ("drop",))]


@pytest.mark.parametrize("wrong", [{"kind": "nonsense"}, {"kind": "noise", "where": "nowhere"}])
def test_an_unknown_fault_is_refused(wire: Wire, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        wire.panel.inject(**wrong)


@pytest.mark.parametrize("kind", sorted(KINDS.keys() - {"vanish"}))
def test_no_fault_outlives_its_count(wire: Wire, kind: str) -> None:
    wire.panel.inject(kind)
    wire.ask(BASIC)
    wire.ask(BASIC)
    assert wire.ask(BASIC) == GOOD


@pytest.mark.parametrize("action", ["vanish", "say"])
def test_a_panel_without_a_line_has_no_port(wire: Wire, action: str) -> None:
    if action == "vanish":
        wire.panel.inject("vanish")
        with pytest.raises(RuntimeError):
            wire.ask(BASIC)
    else:
        with pytest.raises(RuntimeError):
            wire.panel.say()


def test_bytes_take_their_time_in_both_directions() -> None:
    wire = Wire(9600)
    wire.device.delay = 0.02
    *_, (last, _) = wire.pieces(BASIC)
    assert last == pytest.approx(7 * 10 / 9.6 + 20 + len(GOOD) * 10 / 9.6, abs=0.1)


def test_two_replies_do_not_overlap() -> None:
    wire = Wire(9600)
    arrived = wire.pieces(BASIC + CELLS)
    assert b"".join(piece for _, piece in arrived) == GOOD + GOOD_CELLS
    assert arrived[-1][0] == pytest.approx((14 + len(GOOD) + len(GOOD_CELLS)) * 10 / 9.6, abs=0.1)
