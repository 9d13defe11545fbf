"""The bridge between radio and board, without any radio."""

import pytest

from simulators.bluetooth.gatt import CCCD, NOTIFY, READ, WRITE, WRITE_WITHOUT_RESPONSE
from simulators.bluetooth.login import Login, Step, login_frame
from simulators.bluetooth.module import BOTH, VARIANTS, Cut, Module, anywhere, at, full
from simulators.faults import FaultPanel

from .radio import BASIC_INFO, CELL_VOLTAGES, ENTER_FACTORY_MODE, board

ADDRESS = "A4:C1:37:00:00:01"
# `steady_4s`, as a serial line would carry it.
INFO = board().receive(BASIC_INFO, 0.0)[0].data
CELLS = board().receive(CELL_VOLTAGES, 0.0)[0].data


def module(**settings: object) -> Module:
    given: dict[str, object] = {"baud_rate": None} | settings
    return Module(board(), ADDRESS, **given)  # type: ignore[arg-type]


def timed(bridge: Module) -> list[tuple[float, bytes]]:
    """Return everything that is notified, with its time in s."""
    found = []
    while (due := bridge.next_due) is not None:
        found += [(round(due, 6), data) for data in bridge.due(due)]
    return found


def notified(bridge: Module) -> list[bytes]:
    return [data for _, data in timed(bridge)]


def test_an_answer_comes_in_notifications_of_twenty_bytes() -> None:
    bridge = module()
    bridge.receive(BASIC_INFO, 0.0)
    assert notified(bridge) == [INFO[:20], INFO[20:]]
    assert (len(INFO[:20]), len(INFO[20:])) == (20, 16)


def test_the_second_notification_comes_a_millisecond_later() -> None:
    bridge = module()
    bridge.receive(BASIC_INFO, 1.0)
    assert [time for time, _ in timed(bridge)] == [1.0, 1.001]


def test_a_short_answer_is_one_notification() -> None:
    bridge = module()
    bridge.receive(CELL_VOLTAGES, 0.0)
    assert notified(bridge) == [CELLS]


def test_the_boards_line_takes_its_time() -> None:
    bridge = module(baud_rate=9600)
    bridge.receive(BASIC_INFO, 0.0)
    line = (len(BASIC_INFO) + len(INFO)) * 10 / 9600
    assert timed(bridge) == [(round(line, 6), INFO[:20]), (round(line + 0.001, 6), INFO[20:])]


def test_late_service_changes_nothing_but_the_time() -> None:
    bridge = module(baud_rate=9600, faults=FaultPanel())
    bridge.faults.inject("split", cuts=(5,), pause=0.2)
    bridge.receive(CELL_VOLTAGES, 0.0)
    assert bridge.due(10.0) == [CELLS[:5], CELLS[5:]]


def test_a_pause_on_the_line_parts_the_notifications() -> None:
    bridge = module(baud_rate=9600)
    bridge.faults.inject("split", cuts=(9,), pause=0.2)
    bridge.receive(CELL_VOLTAGES, 0.0)
    assert notified(bridge) == [CELLS[:9], CELLS[9:]]


def test_what_follows_without_a_pause_is_cut_as_one() -> None:
    bridge = module(baud_rate=9600)
    bridge.faults.inject("double")
    bridge.receive(CELL_VOLTAGES, 0.0)
    both = CELLS + CELLS
    assert notified(bridge) == [both[:20], both[20:]]


@pytest.mark.parametrize(
    ("cut", "lengths"),
    [(full, [20, 16]), (at(1, 4), [1, 3, 20, 12]), (at(), [20, 16]), (at(35, 99), [20, 15, 1])],
)
def test_cuts_can_be_given(cut: Cut, lengths: list[int]) -> None:
    bridge = module(cut=cut)
    bridge.receive(BASIC_INFO, 0.0)
    pieces = notified(bridge)
    assert [len(piece) for piece in pieces] == lengths
    assert b"".join(pieces) == INFO


@pytest.mark.parametrize("seed", range(20))
def test_cuts_by_chance_lose_nothing_and_fit(seed: int) -> None:
    bridge = module(cut=anywhere(seed))
    bridge.receive(BASIC_INFO, 0.0)
    pieces = notified(bridge)
    assert b"".join(pieces) == INFO
    assert all(1 <= len(piece) <= 20 for piece in pieces)


def test_cuts_by_chance_differ() -> None:
    data = bytes(200)
    assert list(anywhere(1)(data)) != list(anywhere(2)(data))
    assert list(anywhere(1)(data)) == list(anywhere(1)(data))


def test_an_older_module_passes_a_login_on_to_the_board_which_ignores_it() -> None:
    bridge = module()
    bridge.receive(login_frame(0x15, b"000000"), 0.0)
    assert notified(bridge) == []
    bridge.receive(CELL_VOLTAGES, 0.0)
    assert notified(bridge) == [CELLS]


def test_a_locked_module_lets_nothing_through_to_the_board() -> None:
    bridge = module(login=Login())
    bridge.receive(BASIC_INFO, 0.0)
    assert notified(bridge) == []
    assert bridge.faults.log == []


def test_a_login_is_answered_by_the_module_alone() -> None:
    bridge = module(login=Login())
    bridge.receive(login_frame(0x15, b"000000"), 0.0)
    assert timed(bridge) == [(0.02, bytes.fromhex("ffaa15010016"))]
    assert bridge.faults.log == []


def test_a_module_half_open_lets_reading_through_only() -> None:
    bridge = module(login=Login(step=Step.PASSWORD))
    bridge.receive(CELL_VOLTAGES, 0.0)
    bridge.receive(ENTER_FACTORY_MODE, 0.0)
    assert notified(bridge) == [CELLS]
    bridge = module(login=Login(step=Step.VENDOR_KEY))
    bridge.receive(ENTER_FACTORY_MODE, 0.0)
    assert notified(bridge) == [bytes.fromhex("dd000000000077")]


def test_a_greeting_comes_once_a_link_when_somebody_listens() -> None:
    bridge = module(greeting=b"\x00")
    for _ in range(2):
        bridge.listened_to(0.0)
        bridge.listened_to(0.0)
        assert notified(bridge) == [b"\x00"]
        bridge.disconnected(0.0)


def test_what_is_on_its_way_is_lost_with_the_link() -> None:
    bridge = module(baud_rate=9600, login=Login(step=Step.VENDOR_KEY))
    bridge.receive(BASIC_INFO, 0.0)
    bridge.due(0.03)
    bridge.disconnected(0.03)
    assert bridge.next_due is None
    assert bridge.login is not None
    assert bridge.login.step is Step.CONNECTED
    bridge.receive(CELL_VOLTAGES, 0.04)
    assert notified(bridge) == []


def test_a_lost_link_locks_the_board_again() -> None:
    device = board(password="123456", password_scope="all")
    bridge = Module(device, ADDRESS, baud_rate=None)
    device.unlocked = True
    bridge.disconnected(0.0)
    assert not device.unlocked


def test_another_board_answers_after_the_exchange() -> None:
    bridge = module()
    bridge.receive(BASIC_INFO, 0.0)
    bridge.replace(board(name="another"))
    assert notified(bridge) == []
    bridge.receive(bytes.fromhex("dda50500fffb77"), 0.0)
    assert b"another" in b"".join(notified(bridge))


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("write", [(WRITE_WITHOUT_RESPONSE,), (WRITE,), BOTH])
def test_a_variant_offers_what_its_row_says(variant: str, write: tuple[str, ...]) -> None:
    bridge = module(variant=variant, write=write)
    service, notify, written, _ = VARIANTS[variant]
    assert bridge.services[-1].uuid == service
    assert (bridge.sender.uuid, bridge.sender.properties) == (notify, (READ, NOTIFY))
    assert (bridge.receiver.uuid, bridge.receiver.properties) == (written, write)
    assert bridge.sender.configuration == bridge.sender.handle + 1
    assert bridge.receiver.configuration is None


def test_the_uuids_are_those_of_the_documentation() -> None:
    base = "-0000-1000-8000-00805f9b34fb"
    assert VARIANTS["ff00"][:3] == (f"0000ff00{base}", f"0000ff01{base}", f"0000ff02{base}")
    assert VARIANTS["dh04"][:3] == (f"0000fff0{base}", f"0000fff1{base}", f"0000fff2{base}")
    assert VARIANTS["nordic"][:3] == (
        "6e400001-b5a3-f393-e0a9-e50e24dcca9e",
        "6e400003-b5a3-f393-e0a9-e50e24dcca9e",
        "6e400002-b5a3-f393-e0a9-e50e24dcca9e",
    )
    assert f"00002902{base}" == CCCD


def test_the_handles_of_ff00_are_those_captured() -> None:
    bridge = module()
    assert (bridge.sender.handle, bridge.receiver.handle) == (0x0011, 0x0015)


def test_no_two_things_share_a_handle() -> None:
    handles = [
        handle
        for variant in VARIANTS
        for row in module(variant=variant).services[-1].characteristics
        for handle in (row.handle, row.configuration)
        if handle is not None
    ]
    assert len(handles) == len(set(handles))


def test_a_board_lives_on_while_nobody_asks() -> None:
    bridge = module()
    bridge.tick(0.0)
    bridge.tick(60.0)
    assert bridge.device._time == 60.0  # type: ignore[attr-defined]
