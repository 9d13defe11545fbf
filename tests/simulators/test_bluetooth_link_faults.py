"""Everything that goes wrong with a link, in one process and across two."""

import asyncio

import pytest

from simulators.bluetooth.gatt import INVALID_HANDLE, UNLIKELY_ERROR, AttError, LinkError
from simulators.bluetooth.link_faults import KINDS, REFUSED

from .radio import BASIC_INFO, CELL_VOLTAGES, board, listening, quick, until
from .rooms import Room

INFO = board().receive(BASIC_INFO, 0.0)[0].data
CELLS = board().receive(CELL_VOLTAGES, 0.0)[0].data


async def test_the_link_is_cut(room: Room) -> None:
    central = await room.central()
    room.do(room.battery.cut)
    await until(lambda: central.lost)
    assert not central.link.connected
    await central.connect()
    assert await central.ask(CELL_VOLTAGES) == CELLS


async def test_the_link_is_cut_at_the_second_write(room: Room) -> None:
    central = await room.central()
    room.inject("cut_at_write", skip=1)
    assert await central.ask(CELL_VOLTAGES) == CELLS
    central.notified.clear()
    await central.write(BASIC_INFO)
    await until(lambda: central.lost)
    assert central.notified == []


async def test_a_write_with_response_learns_of_the_cut(room: Room) -> None:
    central = await room.central()
    room.inject("cut_at_write")
    with pytest.raises(LinkError):
        await central.write(BASIC_INFO, response=True)


async def test_the_link_is_cut_in_the_middle_of_an_answer(room: Room) -> None:
    central = await room.central()
    room.inject("cut_at_notification")
    await central.write(BASIC_INFO)
    await until(lambda: central.lost)
    assert central.notified == [INFO[:20]]


async def test_the_second_fragment_is_lost(room: Room) -> None:
    central = await room.central()
    room.inject("lose", skip=1)
    await central.write(BASIC_INFO)
    await central.write(CELL_VOLTAGES)
    await until(lambda: central.received.endswith(CELLS))
    assert central.notified == [INFO[:20], CELLS]


async def test_junk_comes_first(room: Room) -> None:
    central = await room.central()
    room.inject("junk", data=b"\xdd\xdd")
    await central.write(CELL_VOLTAGES)
    await until(lambda: len(central.notified) == 2)
    assert central.notified == [b"\xdd\xdd", CELLS]


async def test_silence_for_a_while(room: Room) -> None:
    central = await room.central()
    room.do(lambda: room.battery.faults.inject("silence", seconds=0.05))
    await central.write(CELL_VOLTAGES)
    await asyncio.sleep(0.08)
    assert central.notified == []
    assert await central.ask(CELL_VOLTAGES) == CELLS


async def test_connecting_is_refused_a_number_of_times(room: Room) -> None:
    room.inject("refuse", count=2)
    for _ in range(2):
        with pytest.raises(LinkError, match=REFUSED):
            await room.central()
    await room.central()
    assert room.battery.link_faults.count("connect") == 3


async def test_connecting_is_refused_for_a_while(room: Room) -> None:
    room.inject("refuse", seconds=0.05, error="out of order")
    for _ in range(2):
        with pytest.raises(LinkError, match="out of order"):
            await room.central()
    await asyncio.sleep(0.06)
    await room.central()


async def test_connecting_is_slow(room: Room) -> None:
    room.inject("slow", delay=0.05)
    loop = asyncio.get_running_loop()
    before = loop.time()
    await room.central()
    assert loop.time() - before >= 0.05


async def test_connecting_hangs_until_it_is_given_up(room: Room) -> None:
    room.inject("hang")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await room.central()
    await room.central()
    assert room.battery.connected


async def test_giving_up_just_as_it_succeeds_leaves_no_link(room: Room) -> None:
    for delay in (0.0, 0.0005, 0.001, 0.002):
        attempt = asyncio.ensure_future(room.radio.connect(room.battery.address, lambda: None))
        await asyncio.sleep(delay)
        attempt.cancel()
        await asyncio.gather(attempt, return_exceptions=True)
        if not attempt.cancelled():
            attempt.result().drop()
        await until(lambda: not room.battery.connected)


async def test_a_write_fails(room: Room) -> None:
    central = await room.central()
    room.inject("fail_write")
    with pytest.raises(AttError) as failed:
        await central.write(BASIC_INFO)
    assert failed.value.code == UNLIKELY_ERROR
    assert room.do(lambda: list(room.battery.faults.log)) == []
    assert await central.ask(CELL_VOLTAGES) == CELLS


async def test_notifications_cannot_be_switched_on(room: Room) -> None:
    room.inject("fail_listen")
    with pytest.raises(AttError):
        await room.central()


async def test_the_link_is_lost_when_notifications_are_switched_on(room: Room) -> None:
    room.inject("cut_at_listen")
    with pytest.raises(LinkError):
        await room.central()


async def test_a_battery_vanishes_and_returns(room: Room) -> None:
    central = await room.central()
    room.do(room.battery.vanish)
    await until(lambda: central.lost)
    with listening(room.radio) as ear:
        attempt = asyncio.ensure_future(central.connect())
        await asyncio.sleep(0.06)
        assert ear.heard == []
        assert not attempt.done()
        room.do(room.battery.reappear)
        await attempt
    assert await central.ask(CELL_VOLTAGES) == CELLS


async def test_the_byte_panels_vanish_takes_the_battery_away_before_it_answers(room: Room) -> None:
    central = await room.central()
    room.do(lambda: room.battery.faults.inject("vanish"))
    await central.write(CELL_VOLTAGES)
    await until(lambda: central.lost)
    assert central.notified == []
    assert not room.battery.advertising


async def test_another_battery_is_behind_the_address(room: Room) -> None:
    central = await room.central()
    other = board(name="another")
    room.do(lambda: room.battery.replace(other))
    assert b"another" in await central.ask(bytes.fromhex("dda50500fffb77"))
    assert room.battery.device is other


async def test_old_handles_lead_nowhere_after_the_services_changed(room: Room) -> None:
    central = await room.central()
    room.do(lambda: room.battery.change_services("dh04"))
    with pytest.raises(AttError) as refused:
        await central.write(BASIC_INFO)
    assert refused.value.code == INVALID_HANDLE
    await central.link.disconnect()
    await central.connect()
    assert central.link.services[-1].uuid.startswith("0000fff0")
    assert await central.ask(BASIC_INFO) == INFO


async def test_faults_can_be_cleared(room: Room) -> None:
    room.inject("refuse", count=None)
    room.do(room.battery.link_faults.clear)
    await room.central()


async def test_the_log_tells_what_happened(room: Room) -> None:
    central = await room.central()
    room.inject("lose")
    await central.write(BASIC_INFO)
    await central.link.disconnect()
    log = room.do(lambda: list(room.battery.link_faults.log))
    assert [happened.event for happened in log] == ["connect", "listen", "write", "notify", "notify", "lost"]
    assert [happened.data for happened in log[2:5]] == [BASIC_INFO, INFO[:20], INFO[20:]]
    assert log[3].faults == ("lose",)


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_strikes_only_what_it_is_for(kind: str) -> None:
    faults = quick().link_faults
    faults.inject(kind)
    for event in {"connect", "write", "listen", "notify", "lost"} - {KINDS[kind][0]}:
        assert faults.happens(event, 0.0) == {}
    assert faults.happens(KINDS[kind][0], 0.0).keys() == {kind}
    assert faults.happens(KINDS[kind][0], 0.0) == {}


def test_an_unknown_fault_is_refused() -> None:
    with pytest.raises(ValueError, match="known: cut_at_listen"):
        quick().link_faults.inject("nonsense")
