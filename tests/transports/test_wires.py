"""Which entries share a wire."""

import asyncio
from pathlib import Path

import pytest

from custom_components.battmon.model.errors import LinkDown, WireConflict
from custom_components.battmon.transports.wires import Wires
from simulators.serial_line import SerialLine

from .rig import INFO, Rig, asking, board, read, voltage


@pytest.fixture
def wires() -> Wires:
    return Wires()


async def test_all_names_of_a_port_are_one_wire(wires: Wires, tmp_path: Path) -> None:
    port, link = tmp_path / "port", tmp_path / "link"
    port.touch()
    link.symlink_to(port)
    first = await wires.acquire_serial(str(link), 9600)
    assert await wires.acquire_serial(str(port), 9600) is first
    assert await wires.acquire_serial(str(link), 9600) is first
    assert await wires.acquire_serial(str(tmp_path / "other"), 9600) is not first


async def test_a_url_is_one_wire(wires: Wires) -> None:
    first = await wires.acquire_serial("socket://a:1", 9600)
    assert await wires.acquire_serial("socket://a:1", 9600) is first
    assert await wires.acquire_serial("socket://a:2", 9600) is not first


async def test_a_link_that_leads_elsewhere_after_replugging_is_still_its_own_wire(
    wires: Wires, tmp_path: Path
) -> None:
    """Two adapters swap the names that the system gives them; their links stay true."""
    ports = [tmp_path / name for name in ("ttyUSB0", "ttyUSB1")]
    links = [tmp_path / name for name in ("adapter-a", "adapter-b")]
    for port, link in zip(ports, links, strict=True):
        port.touch()
        link.symlink_to(port)
    a = await wires.acquire_serial(str(links[0]), 9600)
    for link, port in zip(links, reversed(ports), strict=True):
        link.unlink()
        link.symlink_to(port)
    b = await wires.acquire_serial(str(links[1]), 9600)
    assert a is not b
    assert await wires.acquire_serial(str(links[0]), 9600) is a
    assert await wires.acquire_serial(str(ports[1]), 9600) is a
    assert await wires.acquire_serial(str(ports[0]), 9600) is b


async def test_two_speeds_on_one_port_are_a_conflict_in_words(wires: Wires) -> None:
    first = await wires.acquire_serial("port", 9600)
    with pytest.raises(WireConflict, match="port is in use at 9600 baud, 19200 was asked for"):
        await wires.acquire_serial("port", 19200)
    await wires.release(first)
    assert (await wires.acquire_serial("port", 19200)).baud_rate == 19200


async def test_many_who_ask_at_once_get_one_wire(wires: Wires) -> None:
    got = await asyncio.gather(*(wires.acquire_serial("port", 9600) for _ in range(20)))
    assert len(set(map(id, got))) == 1


async def test_the_last_user_ends_a_wire(port_rig: Rig, wires: Wires) -> None:
    first = await wires.acquire_serial(port_rig.url, 9600)
    second = await wires.acquire_serial(port_rig.url, 9600)
    await first.converse(asking(read(INFO)))
    await wires.release(first)
    await second.converse(asking(read(INFO)))
    assert second.connections == 1
    await wires.release(second)
    assert second.connection is None
    with pytest.raises(LinkDown):
        await second.converse(asking(read(INFO)))
    # Given back twice is given back, and who comes next gets a wire of his own.
    await wires.release(second)
    third = await wires.acquire_serial(port_rig.url, 9600)
    assert third is not second
    await third.converse(asking(read(INFO)))
    await wires.release(third)


@pytest.mark.parametrize("turns", range(4))
async def test_a_wire_given_back_while_it_is_asked_for_is_handed_out_alive(wires: Wires, turns: int) -> None:
    first = await wires.acquire_serial("/nonexistent", 9600)
    asked = asyncio.create_task(wires.acquire_serial("/nonexistent", 9600))
    for _turn in range(turns):
        await asyncio.sleep(0)
    await wires.release(first)
    with pytest.raises(LinkDown, match="No such file"):
        await (await asked).converse(asking(read(INFO)))


async def test_wires_run_side_by_side_and_a_dead_one_delays_nobody(
    wires: Wires, quick: None, tmp_path: Path
) -> None:
    with (
        SerialLine(board(3.3), tmp_path / "dead", None) as dead,
        SerialLine(board(3.4), tmp_path / "well", None) as well,
    ):
        dead.faults.inject("silence", count=None)
        one = await wires.acquire_serial(dead.path, 9600)
        other = await wires.acquire_serial(well.path, 9600)
        asked = asyncio.create_task(one.converse(asking(read(INFO, timeout=30.0))))
        async with asyncio.timeout(5):
            for _poll in range(5):
                (frame,) = await other.converse(asking(read(INFO)))
                assert voltage(frame) == 6.8
        assert not asked.done()
        wires.retry_now()
        for wire in (one, other):
            await wires.release(wire)
        with pytest.raises(LinkDown):
            await asked
