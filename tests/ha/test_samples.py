"""The action `get_samples`: what the flight recorder holds of a battery."""

from datetime import timedelta
from typing import Any

import pytest
import voluptuous as vol
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.battmon.model.flight_recorder import FIELDS
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from ..battery import Bench
from .house import add, fixed, read_now
from .judged import JUDGED, LOW, SELDOM, WEAK, act, becomes, charge_to, reload, some_samples

pytestmark = pytest.mark.usefixtures("quick")


async def samples(hass: HomeAssistant, entry: MockConfigEntry, **data: Any) -> list[dict[str, Any]]:
    """Return the samples of a battery."""
    answer = await act(hass, entry, "get_samples", **data)
    assert answer.keys() == {"samples"}
    found: list[dict[str, Any]] = answer["samples"]
    return found


async def test_a_sample_holds_every_field(hass: HomeAssistant, bench: Bench) -> None:
    device = fixed(3.2, 3.3, 3.3, 3.4, demand=-2.0, probes=(31.0, 20.0, 25.0), remaining_capacity=2.4)
    entry = await add(hass, bench.plug_in(device), SELDOM)
    (sample,) = await samples(hass, entry)
    assert sample.keys() == {"time", *FIELDS}
    assert dt_util.parse_datetime(sample.pop("time")) is not None
    assert sample.pop("cell_imbalance") == pytest.approx(0.2)
    assert sample == {
        "voltage": 13.2,
        "current": -2.0,
        "power": -26.4,
        "state_of_charge": 60.0,
        "lowest_cell": 3.2,
        "highest_cell": 3.4,
        "temperature": 31.0,
        "resting_voltage": None,
        "level": "none",
    }


async def test_every_sample_is_there_also_what_was_not_shown(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port, {**JUDGED, "publish_interval": 3600})
    charge_to(port, WEAK)
    await becomes(hass, entry, LOW)
    await some_samples(hass, port, 6)
    found = await samples(hass, entry, fields=["voltage", "level"])
    times = [dt_util.parse_datetime(sample["time"]) for sample in found]
    assert len(found) >= 8
    assert times == sorted(times, key=str)
    told = [sample["level"] for sample in found]
    assert told[0] == "none"
    assert told[-1] == "low"
    assert told.count("low") >= 6


async def test_only_samples_since_a_moment(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port, SELDOM)
    between = dt_util.utcnow()
    charge_to(port, 13.4)
    await read_now(hass, entry)
    assert [sample["voltage"] for sample in await samples(hass, entry)] == [13.21, 13.4]
    as_written = {
        "in UTC": between.isoformat(),
        "with an offset": between.astimezone(dt_util.get_time_zone("Asia/Tokyo")).isoformat(),
        "as a local time": dt_util.as_local(between).replace(tzinfo=None).isoformat(sep=" "),
        "as a template gives it": between,
    }
    assert dt_util.as_local(between).utcoffset() != timedelta(0), "or it would not tell"
    for how, since in as_written.items():
        found = await samples(hass, entry, since=since, fields="voltage")
        assert [sample["voltage"] for sample in found] == [13.4], how
    later = (dt_util.utcnow() + timedelta(minutes=1)).isoformat()
    assert await samples(hass, entry, since=later) == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (["voltage"], {"voltage"}),
        ("voltage", {"voltage"}),
        (["level", "current", "level"], {"level", "current"}),
        ([], set()),
        (list(FIELDS), set(FIELDS)),
    ],
)
async def test_only_the_fields_that_were_asked_for(
    hass: HomeAssistant, bench: Bench, fields: Any, expected: set[str]
) -> None:
    entry = await add(hass, bench.plug_in(fixed()), SELDOM)
    (sample,) = await samples(hass, entry, fields=fields)
    assert sample.keys() == {"time", *expected}


@pytest.mark.parametrize(
    "data",
    [
        {"fields": ["voltage", "humidity"]},
        {"fields": "cell_voltages"},
        {"fields": [None]},
        {"since": "yesterday"},
        {"since": 5},
        {"since": None},
        {"until": "2026-11-21T00:00:00"},
    ],
)
async def test_what_there_is_not_is_refused(hass: HomeAssistant, bench: Bench, data: dict[str, Any]) -> None:
    entry = await add(hass, bench.plug_in(fixed()), SELDOM)
    with pytest.raises(vol.Invalid):
        await act(hass, entry, "get_samples", **data)


async def test_a_battery_that_was_not_read_has_none(hass: HomeAssistant, bench: Bench) -> None:
    port = bench.plug_in(fixed())
    entry = await add(hass, port, SELDOM)
    port.vanish()
    await reload(hass, entry)
    assert await samples(hass, entry) == []
