"""The charge of a merged battery across a restart: it is counted on, and does not jump to another source."""

from typing import Any

import pytest

from custom_components.battmon.model.estimation.charge_counting import Origin
from custom_components.battmon.model.instant import Instant
from custom_components.battmon.model.memory import BatteryMemory, from_file, to_file
from custom_components.battmon.model.packs.combining import Keeping
from custom_components.battmon.model.packs.merge_memory import MergeMemory, remembered, restored
from custom_components.battmon.model.packs.settings import PackSettings, Source

from ..folding import at
from .test_merged import DAY, HOUR, Merged

BMS, SHUNT = Source(key="bms"), Source(key="shunt")
START = at(0.0).monotonic
"""Of the new run's clock."""


def saved(pack: Merged, seconds: float) -> MergeMemory:
    """Return what comes out of a file that was written then."""
    merged = remembered(pack.keeping.merging, pack.settings, at(seconds))
    after = from_file(to_file(BatteryMemory(merged=merged))).merged
    assert after is not None
    return after


def restarted(pack: Merged, seconds: float, down: float = 20.0, **settings: Any) -> Merged:
    """Return the same battery after a restart that took so long, at the beginning of another clock."""
    after = Merged(**settings)
    now = Instant(START, at(seconds + down).utc)
    after.keeping = Keeping(restored(saved(pack, seconds), after.settings, now))
    return after


def counted(until: float = HOUR) -> Merged:
    """Return a battery whose shunt was lost after its first sample."""
    pack = Merged()
    pack.both(0)
    pack.only_bms(10, until)
    return pack


def test_it_is_counted_on_after_a_restart() -> None:
    found = restarted(counted(), HOUR).only_bms(0, HOUR)
    assert found.state_of_charge == pytest.approx(40.0, abs=0.2)  # 40 Ah less, of 100
    assert found.state_of_charge_origin is Origin.COUNTED
    assert found.state_of_charge_uncertainty == pytest.approx(2 * (0.2 + 0.05), abs=0.02)
    assert found.remaining_capacity == pytest.approx(40.0, abs=0.2)
    assert found.full_capacity == 100.0


def test_a_source_that_was_there_is_waited_for_and_counts_when_it_comes() -> None:
    pack = Merged()
    pack.both(0)
    after = restarted(pack, 5.0)
    found = after.only_bms(0, 10)
    assert found.state_of_charge == pytest.approx(80.0, abs=0.2)
    assert found.state_of_charge_origin is Origin.COUNTED
    after.shunt["percent"] = 79.0
    found = after.both(20)
    assert (found.state_of_charge, found.state_of_charge_origin) == (79.0, Origin.DEVICE)


@pytest.mark.parametrize(("down", "origin"), [(DAY - 200.0, Origin.COUNTED), (DAY, Origin.DEVICE)])
def test_the_day_goes_on_while_nobody_looks(down: float, origin: Origin) -> None:
    found = restarted(counted(100), 100.0, down).only_bms(0, 0)
    assert found.state_of_charge_origin is origin
    assert found.state_of_charge == pytest.approx(60.0 if origin is Origin.DEVICE else 79.4, abs=0.1)


def test_the_day_begins_with_the_restart_for_a_source_that_was_there_until_then() -> None:
    pack = Merged()
    pack.both(0)
    after = restarted(pack, 5.0, down=100.0)
    assert after.only_bms(DAY - 110, DAY - 110).state_of_charge_origin is Origin.COUNTED
    assert after.only_bms(DAY - 90, DAY - 90).state_of_charge_origin is Origin.DEVICE


def test_what_flowed_while_nobody_looked_is_uncertain() -> None:
    found = restarted(counted(2 * HOUR), 2 * HOUR, down=HOUR).only_bms(0, 0)
    assert found.state_of_charge == pytest.approx(40.0, abs=0.1)
    assert found.state_of_charge_uncertainty == pytest.approx(0.5 + 20.0, abs=1.5)


def test_a_clock_that_was_set_back_takes_no_time() -> None:
    found = restarted(counted(), HOUR, down=-DAY).only_bms(0, 0)
    assert found.state_of_charge == pytest.approx(60.0, abs=0.1)
    assert found.state_of_charge_origin is Origin.COUNTED


def test_a_day_that_was_over_before_is_over() -> None:
    pack = counted(100)
    pack.combine(DAY + 50)
    found = restarted(pack, DAY + 60).only_bms(0, 0)
    assert (found.state_of_charge, found.state_of_charge_origin) == (60.0, Origin.DEVICE)


@pytest.mark.parametrize(
    "settings",
    [
        {"bms": ("state_of_charge",), "shunt": ("voltage", "current")},
        {"shunt": ("voltage", "current", "full_capacity")},
    ],
)
def test_a_source_that_is_not_asked_any_more_is_not_waited_for(settings: dict[str, Any]) -> None:
    found = restarted(counted(), HOUR, **settings).only_bms(0, 0)
    assert (found.state_of_charge, found.state_of_charge_origin) == (60.0, Origin.DEVICE)


def test_one_that_tells_the_other_of_both_is_waited_for() -> None:
    found = restarted(counted(), HOUR, shunt=("remaining_capacity", "current")).only_bms(0, 10)
    assert found.state_of_charge_origin is Origin.COUNTED
    assert found.state_of_charge == pytest.approx(60.0, abs=0.2)


@pytest.mark.parametrize("sources", [(BMS, SHUNT), (BMS,)])
def test_a_source_that_comes_before_the_one_that_is_lost_counts_at_once(sources: tuple[Source, ...]) -> None:
    pack = counted()
    its = PackSettings(arrangement=pack.settings.arrangement, members=sources)
    after = Merged()
    after.settings = its
    now = Instant(START, at(HOUR + 20).utc)
    after.keeping = Keeping(restored(saved(pack, HOUR), its, now))
    assert after.only_bms(0, 0).state_of_charge == 60.0


def test_where_nothing_was_known_nothing_is_remembered() -> None:
    assert saved(Merged(), 0.0) == MergeMemory()
    after = restarted(Merged(), 0.0)
    assert after.keeping == Keeping()
    assert after.only_bms(0, 0).state_of_charge == 60.0


def test_an_older_file_knows_nothing_of_it() -> None:
    older = to_file(BatteryMemory())
    del older["merged"]
    assert from_file(older).merged is None
