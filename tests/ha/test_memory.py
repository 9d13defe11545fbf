"""The memory file: saved in time, read again after a restart, and never lost."""

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from custom_components.battmon import memory
from custom_components.battmon.const import DOMAIN
from custom_components.battmon.memory import SAVE_INTERVAL, STORE
from custom_components.battmon.model.memory import BatteryMemory, to_file
from custom_components.battmon.model.switching import Mosfets, SwitchMemory
from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import CALLBACK_TYPE, HomeAssistant
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.event import async_call_later
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from ..battery import ALLOW_ALL, Bench, set_up
from . import remembering
from .house import set_switches
from .remembering import (
    form,
    is_there,
    known,
    notice,
    opened,
    pass_time,
    set_aside,
    stored,
    version_of,
    write,
)

pytestmark = pytest.mark.usefixtures("quick")

hass_config_dir = pytest.fixture(remembering.hass_config_dir)
hass_storage = pytest.fixture(remembering.hass_storage)
file = pytest.fixture(remembering.file)


async def test_what_is_put_is_saved_within_a_minute(hass: HomeAssistant, file: Path) -> None:
    store = await opened(hass)
    store.put("A", known())
    await pass_time(hass, SAVE_INTERVAL / 2)
    assert not is_there(file)
    await pass_time(hass, SAVE_INTERVAL)
    assert stored(file) == {"A": known()}
    assert SAVE_INTERVAL <= 60


async def test_changes_that_never_end_do_not_put_it_off(
    hass: HomeAssistant, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[float] = []

    def begin(hass: HomeAssistant, delay: float, action: Any) -> CALLBACK_TYPE:
        begun.append(delay)
        return async_call_later(hass, delay, action)

    monkeypatch.setattr(memory, "async_call_later", begin)
    store = await opened(hass)
    for cycles in range(10):
        store.put("A", known(cycles))
    assert begun == [SAVE_INTERVAL], "a timer that every change begins anew may never end"
    await pass_time(hass, SAVE_INTERVAL)
    assert stored(file) == {"A": known(9)}
    store.put("A", known(10))
    await pass_time(hass, SAVE_INTERVAL)
    assert stored(file) == {"A": known(10)}


async def test_what_did_not_change_is_not_saved_again(
    hass: HomeAssistant, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await opened(hass)
    store.put("A", known())
    await store.async_save()
    saves: list[object] = []

    async def save(_store: object, data: object) -> None:
        saves.append(data)

    monkeypatch.setattr(Store, "async_save", save)
    store.put("A", known())
    await pass_time(hass, SAVE_INTERVAL)
    assert saves == []


async def test_the_last_change_is_saved_at_the_end(hass: HomeAssistant, file: Path) -> None:
    store = await opened(hass)
    store.put("A", known())
    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await hass.async_block_till_done()
    assert stored(file) == {"A": known()}


async def test_nothing_new_at_the_end_writes_nothing(hass: HomeAssistant, file: Path) -> None:
    await opened(hass)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_FINAL_WRITE)
    await hass.async_block_till_done()
    assert not is_there(file)


async def test_it_is_there_again_after_a_restart(hass: HomeAssistant, file: Path) -> None:
    switches = SwitchMemory(
        commanded=Mosfets(charging=False, discharging=True),
        mosfet_register=0xE1,
        factory_mode=True,
        balancing_writes=(dt_util.utcnow(),),
    )
    before = await opened(hass)
    before.put("A", replace(known(), switches=switches))
    before.put("B", known(7))
    await before.async_save()
    after = await opened(hass)
    assert after.get("A") == replace(known(), switches=switches)
    assert after.get("B") == known(7)
    assert after.get("C") == BatteryMemory()
    assert notice(hass) is None


async def test_a_command_is_in_the_file_before_it_is_over(
    hass: HomeAssistant, bench: Bench, file: Path
) -> None:
    entry = await set_up(hass, bench.plug_in(), **ALLOW_ALL)
    await set_switches(hass, entry, charging=False, balancing=False)
    switches = stored(file)[entry.data["battery_key"]].switches
    assert switches.commanded == Mosfets(charging=False, discharging=True)
    assert len(switches.balancing_writes) == 1
    assert not switches.factory_mode


async def test_the_worst_is_in_the_file_while_a_command_runs(
    hass: HomeAssistant, bench: Bench, file: Path
) -> None:
    """Should the power fail midway, the next start must know that factory mode may be on."""
    port = bench.plug_in()
    entry = await set_up(hass, port, **ALLOW_ALL)
    seen: list[SwitchMemory] = []

    def look(request: Any) -> bool:
        if request.register == 0x00 and request.write:
            seen.append(stored(file)[entry.data["battery_key"]].switches)
        return False

    port.faults.inject("silence", None, match=look)
    await set_switches(hass, entry, charging=False, balancing=False)
    assert seen
    assert all(switches.factory_mode for switches in seen)
    assert all(len(switches.balancing_writes) == 1 for switches in seen)


async def test_a_newer_file_is_set_aside_and_told(hass: HomeAssistant, file: Path) -> None:
    content = json.dumps(form(version=2, A={"of": "a later time"}))
    write(file, content)
    store = await opened(hass)
    assert store.get("A") == BatteryMemory()
    (kept,) = set_aside(file)
    assert kept.name.startswith("battmon.newer-2-")
    assert kept.read_text() == content
    issue = notice(hass)
    assert issue is not None
    assert issue.translation_placeholders == {"file": str(kept)}
    assert not is_there(file)


async def test_a_newer_minor_version_is_read(hass: HomeAssistant, file: Path) -> None:
    write(file, json.dumps(form(minor_version=9, A={**to_file(known()), "more": [1, 2]})))
    store = await opened(hass)
    assert store.get("A") == known()
    assert set_aside(file) == []


@pytest.mark.parametrize(
    "content",
    [
        json.dumps([]),
        json.dumps("text"),
        json.dumps(7),
        json.dumps(None),
        json.dumps({"version": 1}),
        json.dumps({"data": {}}),
        json.dumps({"version": 0, "minor_version": 2, "key": DOMAIN, "data": {}}),
        json.dumps({"version": None, "data": {}}),
        json.dumps({"version": "1", "data": {}}),
        json.dumps(form() | {"data": []}),
        json.dumps(form() | {"data": {}}),
        json.dumps(form() | {"data": {"batteries": None}}),
        json.dumps(form() | {"data": {"batteries": [1]}}),
    ],
)
async def test_a_file_of_another_form_is_set_aside_and_told(
    hass: HomeAssistant, file: Path, content: str
) -> None:
    write(file, content)
    store = await opened(hass)
    assert store.get("A") == BatteryMemory()
    (kept,) = set_aside(file)
    assert kept.read_text() == content
    assert notice(hass) is not None
    # It goes on as if new.
    store.put("A", known())
    await store.async_save()
    assert stored(file) == {"A": known()}


@pytest.mark.parametrize("content", [b"", b"{", b"\x00" * 64, b'{"version": 1, "data": \xff}'])
async def test_a_broken_file_is_kept_by_home_assistant_itself(
    hass: HomeAssistant, file: Path, content: bytes
) -> None:
    write(file, content)
    store = await opened(hass)
    assert store.get("A") == BatteryMemory()
    (kept,) = set_aside(file)
    assert kept.name.startswith("battmon.corrupt.")
    assert kept.read_bytes() == content
    issues = [issue for issue in ir.async_get(hass).issues.values() if issue.issue_domain is not None]
    assert [issue.translation_key for issue in issues] == ["storage_corruption"]


GOOD = to_file(known())


def damaged(*path: str, value: Any) -> Any:
    """Return a battery's record with one value replaced."""
    record = copy.deepcopy(GOOD)
    inner: Any = record
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return record


@pytest.mark.parametrize(
    "record",
    [
        None,
        [],
        "text",
        {},
        damaged("fingerprint", "cells", value="4"),
        damaged("fingerprint", "identity", value=None),
        damaged("profile", "quantities", value=7),
        damaged("profile", "temperatures", value=["moon"]),
        damaged("profile", "cells", value=-4),
        {name: part for name, part in GOOD.items() if name != "switches"},
    ],
)
async def test_a_damaged_battery_does_not_take_the_others_along(
    hass: HomeAssistant, file: Path, record: Any
) -> None:
    content = json.dumps(form(A=GOOD, B=record, C=to_file(known(9))))
    write(file, content)
    store = await opened(hass)
    assert (store.get("A"), store.get("B"), store.get("C")) == (known(), BatteryMemory(), known(9))
    (kept,) = set_aside(file)
    assert kept.read_text() == content
    assert notice(hass) is not None
    assert stored(file) == {"A": known(), "C": known(9)}


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("switches", {"factory_mode": "no"}),
        ("switches", {"balancing_writes": ["yesterday"]}),
        ("switches", {"commanded": {"charging": 1}}),
        ("seen_at", "yesterday"),
    ],
)
async def test_a_damaged_part_of_a_battery_does_not_take_its_other_parts_along(
    hass: HomeAssistant, file: Path, part: str, value: Any
) -> None:
    content = json.dumps(form(A=damaged(part, value=value), C=to_file(known(9))))
    write(file, content)
    store = await opened(hass)
    assert (store.get("A"), store.get("C")) == (known(), known(9))
    (kept,) = set_aside(file)
    assert kept.read_text() == content
    assert notice(hass) is not None
    assert stored(file) == {"A": known(), "C": known(9)}


async def test_a_file_of_the_first_version_is_taken_over(hass: HomeAssistant, file: Path) -> None:
    first = {name: GOOD[name] for name in ("fingerprint", "profile", "switches")}
    write(file, json.dumps(form(minor_version=1, A=first)))
    store = await opened(hass)
    assert store.get("A") == store.saved("A") == known()
    assert set_aside(file) == []
    assert version_of(file) == (1, 3)


async def test_a_file_set_aside_does_not_keep_batteries_from_working(
    hass: HomeAssistant, bench: Bench, file: Path
) -> None:
    write(file, json.dumps(form(version=99)))
    entry = await set_up(hass, bench.plug_in())
    assert entry.state.recoverable
    assert notice(hass) is not None
    assert hass.data[STORE].get(entry.data["battery_key"]).fingerprint is not None


async def test_forgetting_is_in_the_file_at_once(hass: HomeAssistant, file: Path) -> None:
    store = await opened(hass)
    store.put("A", known())
    store.put("B", known())
    await store.async_save()
    await store.async_forget("A")
    assert stored(file) == {"B": known()}
    await store.async_forget("nobody")
    assert stored(file) == {"B": known()}
