"""Links to peripherals, in one process and across two."""

import asyncio

import pytest

from simulators.bluetooth.gatt import (
    GENERIC_ACCESS,
    INVALID_HANDLE,
    INVALID_LENGTH,
    READ_NOT_PERMITTED,
    REQUEST_NOT_SUPPORTED,
    WRITE,
    WRITE_NOT_PERMITTED,
    WRITE_WITHOUT_RESPONSE,
    AttError,
    LinkError,
)

from .radio import BASIC_INFO, CELL_VOLTAGES, Central, board, listening, quick, until
from .rooms import Room

INFO = board().receive(BASIC_INFO, 0.0)[0].data
CELLS = board().receive(CELL_VOLTAGES, 0.0)[0].data
OTHER = "A4:C1:37:00:00:02"


# Talking.


async def test_a_request_is_answered(room: Room) -> None:
    central = await room.central()
    assert await central.ask(BASIC_INFO) == INFO
    assert central.notified == [INFO[:20], INFO[20:]]


async def test_the_boards_own_speed_is_kept(room: Room) -> None:
    slow = quick(OTHER, baud_rate=9600, gap=0.001)
    room.do(lambda: room.air.add(slow))
    central = await room.central(address=OTHER)
    loop = asyncio.get_running_loop()
    before = loop.time()
    assert await central.ask(BASIC_INFO) == INFO
    assert loop.time() - before >= (len(BASIC_INFO) + len(INFO)) * 10 / 9600


async def test_the_services_are_those_of_the_module(room: Room) -> None:
    central = await room.central(listen=False)
    assert central.link.services == room.battery.module.services
    assert central.link.mtu == 23
    generic = central.link.services[0]
    assert generic.uuid == GENERIC_ACCESS
    assert await central.link.read(generic.characteristics[0].handle) == b"JBD-SP04S034"


async def test_nothing_is_notified_before_somebody_listens_and_after(room: Room) -> None:
    central = await room.central(listen=False)
    await central.write(BASIC_INFO)
    await until(lambda: room.do(lambda: room.battery.faults.log))
    await central.link.listen(central.sender.handle, central.notified.append)
    assert await central.ask(CELL_VOLTAGES) == CELLS
    await central.link.unlisten(central.sender.handle)
    central.notified.clear()
    await central.write(BASIC_INFO)
    await asyncio.sleep(0.02)
    assert central.notified == []


@pytest.mark.parametrize(
    ("mode", "response", "code"),
    [(WRITE, False, REQUEST_NOT_SUPPORTED), (WRITE_WITHOUT_RESPONSE, True, WRITE_NOT_PERMITTED)],
)
async def test_a_write_in_the_wrong_mode_is_refused(room: Room, mode: str, response: bool, code: int) -> None:
    room.do(lambda: room.battery.change_services("ff00", (mode,)))
    central = await room.central()
    with pytest.raises(AttError) as refused:
        await central.write(BASIC_INFO, response)
    assert refused.value.code == code
    await central.write(BASIC_INFO, not response)
    await until(lambda: central.received == INFO)


@pytest.mark.parametrize(
    ("length", "response", "fits"), [(20, False, True), (21, False, False), (21, True, True)]
)
async def test_a_write_that_fits_no_packet_is_refused(
    room: Room, length: int, response: bool, fits: bool
) -> None:
    central = await room.central()
    if fits:
        await central.write(bytes(length), response)
        return
    with pytest.raises(AttError) as refused:
        await central.write(bytes(length), response)
    assert refused.value.code == INVALID_LENGTH


async def test_handles_that_lead_nowhere_and_properties_that_are_missing(room: Room) -> None:
    central = await room.central()
    for action, code in (
        (central.link.read(0x99), INVALID_HANDLE),
        (central.link.read(central.receiver.handle), READ_NOT_PERMITTED),
        (central.link.listen(central.receiver.handle, print), REQUEST_NOT_SUPPORTED),
    ):
        with pytest.raises(AttError) as refused:
            await action
        assert refused.value.code == code


async def test_what_nobody_asked_for_arrives(room: Room) -> None:
    central = await room.central()
    room.do(lambda: room.battery.say(b"hello"))
    await until(lambda: central.received == b"hello")


async def test_what_nobody_asked_for_is_lost_without_a_link(room: Room) -> None:
    room.do(lambda: room.battery.say(b"hello"))
    central = await room.central()
    assert await central.ask(CELL_VOLTAGES) == CELLS


async def test_the_panel_of_the_bytes_strikes_single_requests(room: Room) -> None:
    central = await room.central()
    room.do(lambda: room.battery.faults.inject("truncate", keep=7))
    await central.write(BASIC_INFO)
    await until(lambda: central.received == INFO[:7])
    assert [seen.faults for seen in room.do(lambda: room.battery.faults.log)] == [("truncate",)]


# One central at a time.


async def test_a_second_central_is_refused_until_the_first_has_gone(room: Room) -> None:
    first = await room.central()
    second = Central(room.radio)
    with pytest.raises(LinkError, match="failed to establish"):
        await second.connect()
    assert await first.ask(CELL_VOLTAGES) == CELLS
    await first.link.disconnect()
    await second.connect()
    assert await second.ask(CELL_VOLTAGES) == CELLS
    assert (first.lost, second.lost) == (1, 0)


async def test_two_batteries_have_links_of_their_own(room: Room) -> None:
    room.do(lambda: room.air.add(quick(OTHER)))
    one, other = await room.central(), await room.central(address=OTHER)
    assert await one.ask(BASIC_INFO) == await other.ask(BASIC_INFO) == INFO
    await one.link.disconnect()
    assert await other.ask(CELL_VOLTAGES) == CELLS


async def test_disconnecting_tells_the_owner_once(room: Room) -> None:
    central = await room.central()
    await central.link.disconnect()
    await central.link.disconnect()
    central.link.drop()
    assert central.lost == 1
    assert not central.link.connected
    with pytest.raises(LinkError):
        await central.write(BASIC_INFO)


async def test_dropping_frees_the_battery(room: Room) -> None:
    central = await room.central()
    central.link.drop()
    assert central.lost == 1
    await until(lambda: not room.battery.connected)


async def test_nobody_is_there_at_another_address(room: Room) -> None:
    with pytest.raises(LinkError, match="not found"):
        await room.central(address=OTHER)


# Being heard.


async def test_a_connected_battery_is_not_heard(room: Room) -> None:
    central = await room.central()
    with listening(room.radio) as ear:
        await asyncio.sleep(0.06)
        assert ear.heard == []
        await central.link.disconnect()
        await until(lambda: ear.heard)
    assert ear.heard[0].address == room.battery.address
    assert ear.heard[0].signal == -60
    assert ear.heard[0].packet == room.battery.advertisement.packet


async def test_a_battery_may_be_heard_while_connected(room: Room) -> None:
    await room.central()
    room.battery.advertises_while_connected = True
    with listening(room.radio) as ear:
        await until(lambda: ear.heard)


async def test_a_battery_can_be_taken_out_of_the_room(room: Room) -> None:
    central = await room.central()
    room.do(lambda: room.air.remove(room.battery.address))
    await until(lambda: central.lost)
    with listening(room.radio) as ear:
        await asyncio.sleep(0.06)
    assert ear.heard == []
