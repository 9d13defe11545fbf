"""What a Bluetooth link carries, in each way in which batteries let it be carried."""

from functools import partial
from typing import Any

import pytest

from custom_components.battmon.model.errors import LinkDown, NoReply
from custom_components.battmon.protocols.conversation import Exchange
from simulators.bluetooth import link
from simulators.bluetooth.client import Client
from simulators.bluetooth.gatt import NOTIFY, READ, WRITE, WRITE_WITHOUT_RESPONSE
from simulators.bluetooth.link_faults import WRITE as WRITTEN
from simulators.bluetooth.module import BOTH, VARIANTS, anywhere, at, uart_service
from simulators.bluetooth.peripheral import Peripheral

from .rig import CELLS, INFO, asking, read, voltage
from .room import Room, ask

# Modules.


@pytest.fixture
def responses(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Of every write, whether a response was asked for."""
    asked: list[bool] = []
    write = link.LocalLink.write

    async def watched(self: link.LocalLink, handle: int, data: bytes, response: bool) -> None:
        asked.append(response)
        await write(self, handle, data, response)

    monkeypatch.setattr(link.LocalLink, "write", watched)
    return asked


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize(
    ("properties", "response"),
    [((WRITE,), True), ((WRITE_WITHOUT_RESPONSE,), False), (BOTH, False), ((READ, WRITE), True)],
)
async def test_a_module_is_written_to_in_a_way_that_it_has(
    room: Room, responses: list[bool], variant: str, properties: tuple[str, ...], response: bool
) -> None:
    room.proxy()
    wire = room.wire(room.battery(variant=variant, write=properties))
    assert voltage(await ask(wire)) == 6.6
    assert responses == [response]
    await wire.end()


@pytest.mark.parametrize(("variant", "service"), [("ff00", "ff00"), ("dh04", "fff0"), ("nordic", "0001")])
async def test_a_module_that_cannot_be_written_to_is_refused_in_words(
    room: Room, variant: str, service: str
) -> None:
    room.proxy()
    battery = room.battery(variant=variant, write=(READ, NOTIFY))
    wire = room.wire(battery)
    with pytest.raises(LinkDown, match=rf"does not offer the services .* \(it has: 1800, {service}\)"):
        await ask(wire)
    assert not battery.connected
    assert battery.link_faults.count(WRITTEN) == 0


async def test_a_device_without_the_characteristics_is_refused_by_what_it_has(room: Room) -> None:
    proxy, battery = room.proxy(), room.battery()
    battery.module.services = battery.module.services[:1]
    wire = room.wire(battery)
    for _attempt in range(3):
        with pytest.raises(LinkDown, match=r"\(it has: 1800\).*proxy 1"):
            await ask(wire)
        assert not battery.connected
        assert proxy.get_allocations().free == proxy.slots
    battery.change_services("ff00")
    assert voltage(await ask(wire)) == 6.6
    await wire.end()


async def test_of_several_services_the_first_that_the_kind_names_is_taken(room: Room) -> None:
    room.proxy()
    battery = room.battery()
    generic, ours = battery.module.services
    unusable = uart_service("nordic", (READ,))
    battery.module.services = (generic, uart_service("dh04"), unusable, ours)
    wire = room.wire(battery)
    assert voltage(await ask(wire)) == 6.6
    await wire.end()


# Fragments.


async def test_a_reply_may_be_cut_anywhere_into_notifications(room: Room) -> None:
    room.proxy()
    battery = room.battery()
    wire = room.wire(battery)
    length = len(await ask(wire))
    cuts = [at(first) for first in range(1, length)] + [anywhere(seed) for seed in range(50)]
    cuts += [at(*range(length)), lambda data: [data]]
    for cut in cuts:
        battery.module.cut = cut
        assert voltage(await ask(wire, timeout=1.0, retries=0)) == 6.6
    assert wire.connections == 1
    await wire.end()


async def test_notifications_of_other_bytes_hide_no_reply(room: Room) -> None:
    room.proxy()
    battery = room.battery(greeting=b"\x00", cut=lambda data: [data])
    wire = room.wire(battery)
    battery.link_faults.inject("junk", count=None)
    for register in (INFO, CELLS, INFO):
        frame = await ask(wire, register, timeout=1.0, retries=0)
        assert frame[1:3] == bytes((register, 0))
    assert wire.connections == 1
    await wire.end()


def fragments(battery: Peripheral) -> list[int]:
    """Return the lengths of what was written."""
    return [len(row.data) for row in battery.link_faults.log if row.event == WRITTEN]


@pytest.mark.parametrize(
    ("mtu", "lengths"), [(23, [20, 20, 20]), (24, [21, 21, 18]), (63, [60]), (247, [60])]
)
async def test_a_long_request_is_written_in_pieces_that_fit(
    room: Room, monkeypatch: pytest.MonkeyPatch, mtu: int, lengths: list[int]
) -> None:
    monkeypatch.setattr(link, "MTU", mtu)
    room.proxy()
    battery = room.battery()
    wire = room.wire(battery)
    short = read(INFO)
    # The board skips what is no request of its own.
    long = Exchange(
        request=bytes(53) + short.request,
        framing=short.framing,
        matches=short.matches,
        timeout=1.0,
        retries=0,
    )
    (frame,) = await wire.converse(asking(long))
    assert voltage(frame) == 6.6
    assert fragments(battery) == lengths
    await wire.end()


# Losses.


@pytest.mark.parametrize("kind", ["cut_at_write", "fail_write"])
@pytest.mark.parametrize("number", range(3))
async def test_a_link_that_ends_at_a_write_is_an_error_and_made_anew(
    room: Room, kind: str, number: int
) -> None:
    room.proxy()
    battery = room.battery()
    wire = room.wire(battery)
    battery.link_faults.inject(kind, skip=number)
    with pytest.raises(LinkDown):
        await wire.converse(asking(*(read(register) for register in (INFO, CELLS, INFO))))
    assert not battery.connected
    assert wire.connection is None
    assert voltage(await ask(wire)) == 6.6
    assert wire.connection == wire.connections == 2
    await wire.end()


@pytest.mark.parametrize("number", range(4))
async def test_a_link_that_ends_between_notifications_yields_no_reply(room: Room, number: int) -> None:
    """Two replies of two notifications each: the link ends after each of the four."""
    room.proxy()
    battery = room.battery(cut=at(15))
    wire = room.wire(battery)
    battery.link_faults.inject("cut_at_notification", skip=number)
    with pytest.raises(LinkDown):
        await wire.converse(asking(*[read(INFO)] * 3))
    assert len(battery.faults.log) == 1 + number // 2
    assert wire.connections == 1
    assert voltage(await ask(wire)) == 6.6
    await wire.end()


async def test_a_lost_fragment_is_made_up_for_by_asking_again(room: Room) -> None:
    room.proxy()
    battery = room.battery(cut=at(7, 13))
    wire = room.wire(battery)
    for number in range(3):
        battery.link_faults.inject("lose", skip=number)
        assert voltage(await ask(wire)) == 6.6
        battery.link_faults.clear()
    assert wire.connections == 1
    await wire.end()


async def test_a_link_lost_between_requests_is_told_of_once(room: Room) -> None:
    room.proxy()
    battery = room.battery()
    wire = room.wire(battery)
    lost: list[int | None] = []
    wire.watch(lambda: lost.append(wire.connection))
    await ask(wire)
    battery.cut()
    assert lost == [None]
    await ask(wire)
    await wire.close()
    assert lost == [None], "we ended it ourselves"
    await ask(wire)
    assert wire.connections == 3
    await wire.end()


async def test_everybody_who_watches_a_wire_is_told_that_it_was_lost_until_he_ends_that(room: Room) -> None:
    room.proxy()
    battery = room.battery()
    wire = room.wire(battery)
    told: list[str] = []
    end = {name: wire.watch(partial(told.append, name)) for name in ("first", "second")}
    await ask(wire)
    battery.cut()
    assert told == ["first", "second"]
    end["first"]()
    await ask(wire)
    battery.cut()
    assert told == ["first", "second", "second"]
    await wire.end()


async def test_who_ends_watching_when_he_is_told_keeps_nobody_from_being_told(room: Room) -> None:
    room.proxy()
    battery = room.battery()
    wire = room.wire(battery)
    told: list[str] = []

    def end_it() -> None:
        end()

    end = wire.watch(end_it)
    wire.watch(partial(told.append, "second"))
    await ask(wire)
    battery.cut()
    assert told == ["second"]
    await wire.end()


async def test_a_link_that_is_lost_says_how_the_battery_is_reached(room: Room) -> None:
    room.proxy()
    battery = room.battery()
    wire = room.wire(battery)
    for kind in ("cut_at_write", "cut_at_notification", "fail_write"):
        battery.link_faults.inject(kind)
        with pytest.raises(LinkDown, match="proxy 1"):
            await ask(wire)
        await ask(wire)
    await wire.end()


async def test_a_write_that_hangs_is_given_up(room: Room, monkeypatch: pytest.MonkeyPatch, hang: Any) -> None:
    monkeypatch.setattr("custom_components.battmon.transports.ble.WRITE_TIMEOUT", 0.05)
    room.proxy()
    battery = room.battery()
    wire = room.wire(battery)
    await ask(wire)
    with monkeypatch.context() as patch:
        patch.setattr(link.LocalLink, "write", hang)
        with pytest.raises(LinkDown, match="took too long"):
            await ask(wire)
    assert not battery.connected
    assert voltage(await ask(wire)) == 6.6
    await wire.end()


async def test_a_link_that_stays_silent_is_made_anew(room: Room) -> None:
    room.proxy()
    battery = room.battery()
    wire = room.wire(battery)
    battery.faults.inject("silence", count=4)
    for _exchange in range(2):
        with pytest.raises(NoReply):
            await ask(wire, timeout=0.02, retries=1)
    assert not battery.connected
    assert voltage(await ask(wire)) == 6.6
    assert wire.connections == 2
    await wire.end()


# Services that change.

CHANGES: dict[str, dict[str, Any]] = {
    "elsewhere": {"variant": "dh04"},
    "of another kind": {"variant": "nordic"},
    "written to in the other way": {"variant": "ff00", "write": (WRITE,)},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_services_that_change_while_connected_are_found_at_the_next_attempt(
    room: Room, change: dict[str, Any]
) -> None:
    room.proxy()
    battery = room.battery(write=(WRITE_WITHOUT_RESPONSE,))
    wire = room.wire(battery)
    await ask(wire)
    battery.change_services(**change)
    with pytest.raises(LinkDown):
        await ask(wire)
    assert not battery.connected
    assert voltage(await ask(wire)) == 6.6
    await wire.end()


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_services_that_changed_while_away_are_found_at_the_second_attempt(
    room: Room, change: dict[str, Any]
) -> None:
    """Proxies remember them, so the first attempt meets the old ones."""
    proxy, battery = room.proxy(), room.battery(write=(WRITE_WITHOUT_RESPONSE,))
    wire = room.wire(battery)
    await ask(wire)
    battery.cut()
    battery.change_services(**change)
    with pytest.raises(LinkDown):
        await ask(wire)
    assert not battery.connected
    assert proxy.get_allocations().free == proxy.slots
    assert voltage(await ask(wire)) == 6.6
    await wire.end()


async def test_what_a_proxy_remembers_is_believed_until_it_fails(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Looking at the services afresh takes seconds on a real link."""
    believed: list[bool] = []
    connect = Client.connect

    async def watched(self: Client, pair: bool, dangerous_use_bleak_cache: bool = False, **more: Any) -> None:
        believed.append(dangerous_use_bleak_cache)
        await connect(self, pair, dangerous_use_bleak_cache, **more)

    monkeypatch.setattr(Client, "connect", watched)
    proxy, battery = room.proxy(), room.battery()
    wire = room.wire(battery)
    await ask(wire)
    battery.link_faults.inject("fail_listen")
    battery.cut()
    with pytest.raises(LinkDown):
        await ask(wire)
    assert battery.address not in proxy.known_services
    for _time in range(2):
        await ask(wire)
        battery.cut()
    assert believed == [True, True, False, True]
    await wire.end()
