"""Members of virtual batteries come, go, come back and change their names."""

import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon.const import CONF_BATTERY_KEY, DOMAIN
from custom_components.battmon.sources import roster_of
from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.setup import async_setup_component

from ..battery import Bench, Port, entity_id, make_entry, shown, until
from .house import FAST, add, fixed, state_of
from .judged import reload
from .members import Fake, hurry, join, joined, load, pack_of, ready, why

pytestmark = pytest.mark.usefixtures("quick", "few_values")


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)


async def real(hass: HomeAssistant, port: Port, title: str) -> MockConfigEntry:
    """Add a battery on a wire."""
    entry = await add(hass, port)
    hass.config_entries.async_update_entry(entry, title=title)
    return entry


async def pair(hass: HomeAssistant, bench: Bench) -> tuple[MockConfigEntry, MockConfigEntry]:
    """Add two batteries on wires."""
    first, second = [await real(hass, bench.plug_in(fixed()), title) for title in ("Pack A", "Pack B")]
    return first, second


async def becomes(hass: HomeAssistant, entry: MockConfigEntry, quality: str) -> None:
    """Wait until this quality is shown."""
    await until(hass, lambda: shown(hass, entry, "sensor", "quality") == quality)


async def test_it_is_set_up_while_none_of_its_members_is_there(hass: HomeAssistant, bench: Bench) -> None:
    await ready(hass)
    members = [make_entry(bench.plug_in(fixed()), **FAST) for _ in range(2)]
    for member, title in zip(members, ("Pack A", "Pack B"), strict=True):
        member.add_to_hass(hass)
        hass.config_entries.async_update_entry(member, title=title)
    entry = await join(hass, "series", *members)
    assert entry.state is ConfigEntryState.LOADED
    assert shown(hass, entry, "sensor", "quality") == "insufficient"
    assert state_of(hass, entry, "sensor", "quality").attributes["missing"] == ["Pack A", "Pack B"]
    assert why(entry) == {"Pack A": "not_seen", "Pack B": "not_seen"}
    await load(hass, members[1])
    await until(hass, lambda: why(entry)["Pack B"] is None)
    assert shown(hass, entry, "sensor", "quality") == "insufficient", "half a string is none"
    await load(hass, members[0])
    await becomes(hass, entry, "ok")
    await until(hass, lambda: shown(hass, entry, "sensor", "voltage") == "26.42")


async def test_it_starts_together_with_its_members(hass: HomeAssistant, bench: Bench) -> None:
    members = [make_entry(bench.plug_in(fixed()), **FAST) for _ in range(2)]
    entry = joined(hass, "parallel", *(member.data[CONF_BATTERY_KEY] for member in members))
    for member in members:
        member.add_to_hass(hass)
    assert await async_setup_component(hass, DOMAIN, {})
    await hass.async_block_till_done()
    await becomes(hass, entry, "ok")
    await until(hass, lambda: shown(hass, entry, "sensor", "voltage") == "13.21")


async def test_a_member_that_reloads_is_not_missed(hass: HomeAssistant, bench: Bench) -> None:
    first, second = await pair(hass, bench)
    entry = await join(hass, "series", first, second)
    await becomes(hass, entry, "ok")
    seen: list[str] = []
    quality = entity_id(hass, entry, "sensor", "quality")

    @callback
    def note(event: Event[EventStateChangedData]) -> None:
        if event.data["entity_id"] == quality:
            seen.append(str(event.data["new_state"]))

    hass.bus.async_listen(EVENT_STATE_CHANGED, note)
    before = pack_of(entry)
    await reload(hass, second)
    await until(hass, lambda: pack_of(entry) is not before)
    assert why(entry) == {"Pack A": None, "Pack B": None}
    assert seen == []


async def test_a_member_that_is_disabled_is_named_until_it_is_enabled(
    hass: HomeAssistant, bench: Bench
) -> None:
    first, second = await pair(hass, bench)
    entry = await join(hass, "parallel", first, second)
    await becomes(hass, entry, "ok")
    await hass.config_entries.async_set_disabled_by(second.entry_id, ConfigEntryDisabler.USER)
    await becomes(hass, entry, "partial")
    assert why(entry) == {"Pack A": None, "Pack B": "disabled"}
    assert shown(hass, entry, "sensor", "voltage") == "13.21"
    await until(hass, lambda: shown(hass, entry, "binary_sensor", "member_problem") == "on")
    assert state_of(hass, entry, "binary_sensor", "member_problem").attributes["reasons"] == [
        "Pack B: disabled"
    ]
    await hass.config_entries.async_set_disabled_by(second.entry_id, None)
    await becomes(hass, entry, "ok")


@pytest.mark.usefixtures("short_sight")
async def test_a_string_whose_member_is_disabled_shows_nothing_old(hass: HomeAssistant, bench: Bench) -> None:
    first, second = await pair(hass, bench)
    entry = await join(hass, "series", first, second)
    await becomes(hass, entry, "ok")
    await hass.config_entries.async_set_disabled_by(second.entry_id, ConfigEntryDisabler.USER)
    await becomes(hass, entry, "insufficient")
    await until(hass, lambda: shown(hass, entry, "sensor", "voltage") == "unavailable")


async def test_a_member_that_is_removed_is_named_as_it_was(hass: HomeAssistant, bench: Bench) -> None:
    first, second = await pair(hass, bench)
    entry = await join(hass, "parallel", first, second)
    await becomes(hass, entry, "ok")
    await hass.config_entries.async_remove(second.entry_id)
    await becomes(hass, entry, "partial")
    assert why(entry) == {"Pack A": None, "Pack B": "removed"}
    assert shown(hass, entry, "sensor", "voltage") == "13.21"


async def test_a_member_that_is_renamed_is_shown_by_its_new_name(hass: HomeAssistant, bench: Bench) -> None:
    first, second = await pair(hass, bench)
    entry = await join(hass, "series", first, second)
    await becomes(hass, entry, "ok")
    hass.config_entries.async_update_entry(first, title="Bow")
    await until(hass, lambda: why(entry).keys() == {"Bow", "Pack B"})
    await until(
        hass, lambda: state_of(hass, entry, "sensor", "lowest_cell").attributes["name"] == "Bow / cell 1"
    )
    told = state_of(hass, entry, "sensor", "quality").attributes["members"]
    assert [one["name"] for one in told] == ["Bow", "Pack B"]


@pytest.mark.usefixtures("short_sight")
async def test_a_member_whose_plug_is_pulled_is_lost_and_found_again(
    hass: HomeAssistant, bench: Bench
) -> None:
    ports = bench.plug_in(fixed()), bench.plug_in(fixed())
    first, second = await real(hass, ports[0], "Pack A"), await real(hass, ports[1], "Pack B")
    entry = await join(hass, "parallel", first, second)
    await becomes(hass, entry, "ok")
    ports[1].vanish()
    await becomes(hass, entry, "partial")
    assert why(entry) == {"Pack A": None, "Pack B": "lost"}
    ports[1].reappear()
    await becomes(hass, entry, "ok")


async def test_what_happens_to_a_member_reaches_through_all_levels(hass: HomeAssistant, bench: Bench) -> None:
    first, second = await pair(hass, bench)
    string = await join(hass, "series", first, second, title="String")
    other = await real(hass, bench.plug_in(fixed(*(3.3,) * 8)), "Alone")
    bank = await join(hass, "parallel", string, other, title="Bank")
    await becomes(hass, bank, "ok")
    await hass.config_entries.async_set_disabled_by(first.entry_id, ConfigEntryDisabler.USER)
    await becomes(hass, string, "insufficient")
    await becomes(hass, bank, "partial")
    assert why(bank)["String"] is not None
    await hass.config_entries.async_set_disabled_by(first.entry_id, None)
    await becomes(hass, bank, "ok")


async def test_one_that_is_unloaded_hears_nothing_any_more(hass: HomeAssistant) -> None:
    await ready(hass)
    member = Fake(hass, "Pack A")
    member.says()
    entry = await join(hass, "series", member)
    assert await hass.config_entries.async_unload(entry.entry_id)
    told = []
    leave = roster_of(hass).listen([member.key], lambda: told.append(True))
    member.says()
    assert told == [True]
    leave()
    await load(hass, entry)
    await becomes(hass, entry, "ok")
