"""How soon a virtual battery follows its members, and how often it does."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon.model.packs import combining
from custom_components.battmon.sources import pack as pack_module
from custom_components.battmon.sources.pack import RECOMBINE, Gathering
from homeassistant.core import HomeAssistant

from ..battery import shown, until
from .members import Fake, combined, join, pack_of, ready
from .room import Clock

DELAY = 0.25
"""Seconds for each level of nesting (issue 5)."""


@pytest.fixture(autouse=True)
async def _ready(hass: HomeAssistant) -> None:
    await ready(hass)


class Planned:
    """What gatherings of news have planned: for when, as seen from the moment of the news."""

    def __init__(self, hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> None:
        self.delays: list[tuple[Gathering, float]] = []
        self._loop = hass.loop
        self._call_at = hass.loop.call_at
        monkeypatch.setattr(hass.loop, "call_at", self._note)

    def _note(
        self, when: float, call: Callable[..., object], *args: Any, **kwargs: Any
    ) -> asyncio.TimerHandle:
        gathering = getattr(call, "__self__", None)
        if isinstance(gathering, Gathering):
            self.delays.append((gathering, when - self._loop.time()))
        return self._call_at(when, call, *args, **kwargs)


def voltage(entry: MockConfigEntry, place: int = 0) -> float | None:
    """Return what a member gave to the newest combination."""
    return pack_of(entry).contributions[place].voltage


async def test_a_members_sample_is_taken_within_a_quarter_second(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = Fake(hass, "Pack A")
    member.says()
    entry = await join(hass, "series", member)
    planned = Planned(hass, monkeypatch)
    for number in range(1, 4):
        member.says(voltage=13.0 + number / 100)
        assert (await combined(hass, entry)).voltage == 13.0 + number / 100
    assert len(planned.delays) == 3
    assert all(delay <= DELAY for _, delay in planned.delays)
    assert RECOMBINE <= DELAY


async def test_each_level_of_nesting_takes_that_long_at_most(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = Fake(hass, "Pack A")
    member.says()
    string = await join(hass, "series", member, title="String")
    bank = await join(hass, "parallel", string, title="Bank")
    everything = await join(hass, "series", bank, title="Everything")
    planned = Planned(hass, monkeypatch)
    member.says(voltage=13.05)
    await until(hass, lambda: voltage(everything) == 13.05)
    assert voltage(string) == voltage(bank) == 13.05
    # Each level waited once, and began when the one below it was combined.
    assert len({gathering for gathering, _ in planned.delays}) == len(planned.delays) == 3
    assert all(delay <= DELAY for _, delay in planned.delays)


async def test_nine_members_cause_at_most_four_combinations_a_second(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    members = [Fake(hass, f"Pack {number}") for number in range(9)]
    for member in members:
        member.says()
    entry = await join(hass, "parallel", *members)
    count = 0
    combine = combining.combined

    def counting(*args: Any) -> Any:
        nonlocal count
        count += 1
        return combine(*args)

    monkeypatch.setattr(pack_module, "combined", counting)
    begun = hass.loop.time()
    news = 0
    while hass.loop.time() < begun + 0.7 or count < 2:
        # Far more often than once a second.
        for member in members:
            member.says(voltage=13.2 + (news % 7) / 1000)
            news += 1
        await asyncio.sleep(0.005)
    passed = hass.loop.time() - begun
    assert count <= 4 * passed + 1
    assert news > 2 * count, "there were enough news for more"
    assert pack_of(entry).quality == "ok"


async def test_the_first_news_after_a_while_do_not_wait(hass: HomeAssistant, clock: Clock) -> None:
    member = Fake(hass, "Pack A")
    member.says()
    entry = await join(hass, "series", member)
    await clock.advance(1.0)
    before = pack_of(entry)
    member.says(voltage=13.1)
    await asyncio.sleep(0)
    await hass.async_block_till_done()
    await until(hass, lambda: pack_of(entry) is not before)
    assert voltage(entry) == 13.1


async def test_members_that_fall_silent_grow_stale_without_any_news(
    hass: HomeAssistant, clock: Clock
) -> None:
    member, other = Fake(hass, "Pack A"), Fake(hass, "Pack B")
    member.says()
    other.says()
    entry = await join(hass, "parallel", member, other)
    await clock.advance(25)
    other.says()
    await until(hass, lambda: voltage(entry, 1) == 13.2 and pack_of(entry).quality == "ok")
    await clock.advance(15)
    await until(hass, lambda: shown(hass, entry, "sensor", "quality") == "partial")
    assert [given.why for given in pack_of(entry).contributions] == ["stale", None]
    await clock.advance(30)
    await until(hass, lambda: shown(hass, entry, "sensor", "quality") == "insufficient")


async def test_one_that_is_unloaded_while_news_wait_is_not_read_again(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = Fake(hass, "Pack A")
    member.says()
    entry = await join(hass, "series", member)
    planned = Planned(hass, monkeypatch)
    member.says()
    assert len(planned.delays) == 1
    assert await hass.config_entries.async_unload(entry.entry_id)
    member.says()
    assert len(planned.delays) == 1, "nobody listens any more"
