"""One battery that several devices see: which of them counts for what, and what happens when one is lost."""

from dataclasses import replace
from typing import Any

import pytest

from custom_components.battmon.model.alarms import Alarm
from custom_components.battmon.model.chemistry import Chemistry
from custom_components.battmon.model.estimation.charge_counting import Origin
from custom_components.battmon.model.failsafe.levels import Kind, Level, Side
from custom_components.battmon.model.packs.members import MemberLevel, PackReading, Quality, Why
from custom_components.battmon.model.packs.settings import Arrangement, PackSettings, Source
from custom_components.battmon.model.packs.taking import QUANTITIES
from custom_components.battmon.model.reading import Place, Reading, Temperature

from .builders import battery as member
from .builders import given, nested, together
from .merged_builders import Watched

HOUR, DAY = 3600.0, 86400.0
SHUNT_ONLY: dict[str, Any] = {
    "cell_voltages": None,
    "alarms": None,
    "charging_enabled": None,
    "discharging_enabled": None,
}
"""What a shunt does not know."""


class Merged(Watched):
    """A shunt before a BMS, which see the same battery and are sampled every 10 s."""

    def __init__(self, shunt: tuple[str, ...] = (), bms: tuple[str, ...] = (), **settings: Any) -> None:
        sources = (
            Source(key="shunt", quantities=frozenset(shunt)),
            Source(key="bms", quantities=frozenset(bms)),
        )
        super().__init__(
            PackSettings(arrangement=Arrangement.MERGED, members=sources, **settings), "Shunt", "BMS"
        )
        self.bms: dict[str, Any] = {"percent": 60.0, "current": -20.0}
        self.shunt: dict[str, Any] = {"percent": 80.0, "voltage": 13.15, "current": -20.5}

    def both(self, seconds: float) -> PackReading:
        self.take(seconds, "Shunt", **SHUNT_ONLY | self.shunt)
        self.take(seconds, "BMS", **self.bms)
        return self.combine(seconds)

    def only_bms(self, start: float, end: float, step: float = 10.0) -> PackReading:
        """Go on with the BMS alone."""
        if self.members["shunt"].state is not None:
            self.lose("Shunt")
        for number in range(round((end - start) / step) + 1):
            self.sample(start + number * step, "BMS", **self.bms)
        return self.reading


def test_the_first_source_that_knows_a_quantity_counts() -> None:
    found = Merged().both(0)
    assert (found.voltage, found.current, found.state_of_charge) == (13.15, -20.5, 80.0)
    assert found.cell_voltages == (3.3, 3.29, 3.31, 3.3)
    assert found.charging_enabled is True
    assert found.quality is Quality.OK


def test_a_source_gives_only_what_is_named() -> None:
    found = Merged(shunt=("current",)).both(0)
    assert (found.voltage, found.current, found.state_of_charge) == (13.2, -20.5, 60.0)


def test_each_source_is_told_with_what_comes_from_it() -> None:
    found = Merged(shunt=("current", "state_of_charge")).both(0)
    assert given(found, "Shunt").gives == ("current", "state_of_charge")
    bms = given(found, "BMS").gives
    assert "voltage" in bms
    assert "cell_voltages" in bms
    assert "current" not in bms


def test_power_of_the_voltage_and_the_current_of_two_sources_comes_from_neither() -> None:
    found = Merged(shunt=("current",)).both(0)
    assert "power" not in (*given(found, "Shunt").gives, *given(found, "BMS").gives)
    assert found.power is None


def test_power_is_that_of_the_voltage_and_current_that_count() -> None:
    found = Merged(shunt=("current",)).both(0)
    assert found.power is None  # voltage times current, then
    assert found.voltage == 13.2


def test_power_is_taken_where_no_current_is_known() -> None:
    pack = Merged()
    pack.both(0)
    for name in ("shunt", "bms"):
        state = pack.members[name].state
        assert state is not None
        assert state.reading is not None
        pack.members[name] = pack.members[name]._replace(
            state=replace(state, reading=replace(state.reading, current=None), power=-100.0)
        )
    assert pack.combine(1).power == -100.0


def test_what_the_better_source_says_of_the_charge_is_said_of_it_in_ah_too() -> None:
    pack = Merged(shunt=("state_of_charge",))
    found = pack.both(0)
    assert (found.state_of_charge, found.remaining_capacity, found.full_capacity) == (80.0, 80.0, 100.0)


def test_unless_a_person_names_where_to_take_that_from() -> None:
    pack = Merged(shunt=("state_of_charge",), bms=("remaining_capacity", "full_capacity", "current"))
    found = pack.both(0)
    assert (found.state_of_charge, found.remaining_capacity) == (80.0, 60.0)


def test_charge_in_ah_says_the_state_of_charge() -> None:
    pack = Merged(shunt=("remaining_capacity",))
    pack.bms["capacity"] = 160.0
    found = pack.both(0)
    assert (found.remaining_capacity, found.full_capacity, found.state_of_charge) == (80.0, 160.0, 50.0)


@pytest.mark.parametrize("charge", ["state_of_charge", "remaining_capacity"])
def test_one_that_nobody_tells_follows_from_the_other(charge: str) -> None:
    found = Merged(shunt=(charge,), bms=("full_capacity",)).both(0)
    assert (found.state_of_charge, found.remaining_capacity) == (80.0, 80.0)
    told = {"state_of_charge", "remaining_capacity"} & set(given(found, "Shunt").gives)
    assert told == {charge}


def test_without_a_capacity_each_is_told_by_its_own_source() -> None:
    pack = Merged(shunt=("state_of_charge",), bms=("remaining_capacity",))
    found = pack.both(0)
    assert (found.state_of_charge, found.remaining_capacity, found.full_capacity) == (80.0, 60.0, None)


def test_a_capacity_that_a_person_knows_better_counts() -> None:
    found = Merged(capacity=200.0).both(0)
    assert (found.full_capacity, found.remaining_capacity) == (200.0, 160.0)


def test_limits_of_a_device_count_before_those_worked_out_for_another() -> None:
    pack = Merged()
    pack.bms["charge_current_limit"] = 30.0
    assert pack.both(0).charge_current_limit == 30.0


def test_a_limit_that_was_named_is_the_one_that_is_shown_of_the_source() -> None:
    pack = Merged(bms=("charge_current_limit",))
    assert pack.both(0).charge_current_limit == 50.0  # of its estimate


def test_what_any_source_complains_of_is_told() -> None:
    pack = Merged()
    pack.shunt["alarms"] = frozenset()
    pack.bms["alarms"] = frozenset({Alarm.CELL_OVERVOLTAGE})
    found = pack.both(0)
    assert found.alarms == {Alarm.CELL_OVERVOLTAGE}
    assert found.alarm_members == {Alarm.CELL_OVERVOLTAGE: ("BMS",)}


def test_no_sensors_and_no_cells_are_none_to_take() -> None:
    pack = Merged()
    pack.shunt |= {"cell_voltages": (), "temperatures": ()}
    pack.bms["temperatures"] = (Temperature(20.0, Place.CELL),)
    found = pack.both(0)
    assert found.temperatures == (Temperature(20.0, Place.CELL),)
    assert len(found.cell_voltages or ()) == 4


def test_cells_of_a_virtual_battery_keep_their_names() -> None:
    bank = nested("Bank", together(Arrangement.PARALLEL, member("A"), member("B")))
    found = together(Arrangement.MERGED, member("Shunt", **SHUNT_ONLY), bank)
    assert found.cell_names[5] == "B / cell 2"
    assert found.cells_in_series == 4


def test_a_measured_quantity_falls_to_the_next_source_at_once() -> None:
    pack = Merged()
    pack.both(0)
    found = pack.only_bms(10, 10)
    assert (found.voltage, found.current) == (13.2, -20.0)
    assert found.quality is Quality.PARTIAL
    assert given(found, "Shunt").why is Why.LOST
    assert not given(found, "Shunt").used
    assert given(found, "Shunt").gives == ()


def test_a_lost_state_of_charge_is_counted_on_and_does_not_jump() -> None:
    pack = Merged()
    pack.both(0)
    found = pack.only_bms(10, HOUR)
    assert found.state_of_charge == pytest.approx(60.0, abs=0.01)  # 20 Ah less, of 100
    assert found.state_of_charge_origin is Origin.COUNTED
    assert found.state_of_charge_uncertainty == pytest.approx(0.2 + 0.05, abs=0.01)
    assert found.remaining_capacity == pytest.approx(60.0, abs=0.01)
    assert found.full_capacity == 100.0
    assert "state_of_charge" not in given(found, "BMS").gives


def test_the_uncertainty_begins_with_that_of_the_source() -> None:
    pack = Merged()
    pack.shunt |= {"uncertainty": 4.0, "origin": Origin.COUNTED}
    pack.bms["current"] = 0.0
    assert pack.both(0).state_of_charge_uncertainty == 4.0
    assert pack.only_bms(10, HOUR).state_of_charge_uncertainty == pytest.approx(4.05, abs=0.01)


def test_a_full_capacity_that_is_lost_stays_what_it_was() -> None:
    pack = Merged()
    pack.shunt["capacity"] = 120.0
    pack.both(0)
    assert pack.only_bms(10, HOUR).full_capacity == 120.0


def test_charging_is_counted_with_the_efficiency_of_the_chemistry() -> None:
    pack = Merged(chemistry=Chemistry.LEAD_ACID)
    pack.bms["current"] = pack.shunt["current"] = 10.0
    pack.both(0)
    assert pack.only_bms(10, HOUR).state_of_charge == pytest.approx(88.8, abs=0.01)


def test_after_a_day_another_source_is_believed() -> None:
    pack = Merged()
    pack.bms["current"] = 0.0
    pack.both(0)
    assert pack.only_bms(10, DAY - 100, 60.0).state_of_charge == pytest.approx(80.0, abs=0.1)
    found = pack.only_bms(DAY + 20, DAY + 20)
    assert (found.state_of_charge, found.remaining_capacity) == (60.0, 60.0)
    assert found.state_of_charge_origin is Origin.DEVICE
    assert "state_of_charge" in given(found, "BMS").gives


def test_a_source_that_comes_back_counts_at_once_and_may_be_lost_again() -> None:
    pack = Merged()
    pack.both(0)
    pack.only_bms(10, HOUR)
    pack.shunt["percent"] = 59.0
    assert pack.both(HOUR + 10).state_of_charge == 59.0
    assert pack.only_bms(HOUR + 20, 2 * HOUR).state_of_charge == pytest.approx(39.06, abs=0.05)


def test_a_source_that_is_there_and_does_not_know_it_any_more_is_counted_on_too() -> None:
    pack = Merged(shunt=("state_of_charge",))
    pack.both(0)
    pack.shunt["percent"] = None
    found = pack.both(10)
    assert found.state_of_charge == pytest.approx(80.0, abs=0.1)
    shunt = given(found, "Shunt")
    assert (shunt.used, shunt.why, shunt.lacks) == (True, Why.INCOMPLETE, ("state_of_charge",))
    assert found.quality is Quality.PARTIAL


def test_without_a_current_nobody_knows_the_charge_and_no_other_source_is_asked() -> None:
    pack = Merged(bms=("voltage", "state_of_charge", "remaining_capacity"))
    pack.both(0)
    found = pack.only_bms(10, HOUR)
    assert (found.state_of_charge, found.remaining_capacity) == (None, None)
    assert found.voltage == 13.2
    found = pack.only_bms(HOUR + 10, DAY + 20, 60.0)
    assert found.state_of_charge == 60.0


def test_without_a_capacity_nobody_knows_it_either() -> None:
    pack = Merged()
    pack.shunt["capacity"] = pack.bms["capacity"] = None
    pack.shunt["remaining"] = pack.bms["remaining"] = 70.0
    assert pack.both(0).remaining_capacity == 70.0
    found = pack.only_bms(10, HOUR)
    assert (found.state_of_charge, found.remaining_capacity) == (None, None)


def test_a_charge_that_was_never_known_in_percent_is_not_counted_on() -> None:
    pack = Merged(shunt=("remaining_capacity",), bms=("current", "full_capacity"))
    pack.bms["capacity"] = None
    pack.shunt["capacity"] = None
    pack.shunt["remaining"] = 70.0
    pack.both(0)
    pack.bms["capacity"] = 100.0
    assert pack.only_bms(10, 100).remaining_capacity is None


def test_while_nobody_looked_the_charge_grows_uncertain_and_stays() -> None:
    pack = Merged()
    for number in range(361):
        pack.both(10.0 * number)
    found = pack.only_bms(2 * HOUR, 2 * HOUR)
    assert found.state_of_charge == 80.0
    assert found.state_of_charge_uncertainty == pytest.approx(20.4, abs=0.2)  # an hour at the hour's mean


def test_a_source_that_is_older_than_what_was_counted_counts_for_nothing() -> None:
    pack = Merged()
    pack.both(0)
    pack.take(5, "BMS", **pack.bms)
    pack.take(9, "Shunt", **SHUNT_ONLY | pack.shunt)
    pack.combine(9)
    pack.lose("Shunt")
    assert pack.combine(10).state_of_charge == 80.0  # the BMS tells of second 5
    assert pack.keeping.merging.measured is not None
    assert pack.keeping.merging.measured.current == -20.5


def test_what_is_counted_on_stays_while_all_are_lost() -> None:
    pack = Merged()
    pack.both(0)
    pack.lose("Shunt")
    pack.lose("BMS")
    found = pack.combine(10)
    assert found.quality is Quality.UNAVAILABLE
    assert (found.voltage, found.state_of_charge, found.full_capacity) == (None, None, None)
    assert [each.why for each in found.contributions] == [Why.LOST, Why.LOST]
    assert pack.only_bms(HOUR, HOUR).state_of_charge == 80.0
    assert pack.only_bms(DAY + 10, DAY + 10).state_of_charge == 60.0


def test_where_no_other_knows_it_nothing_is_told_after_a_day() -> None:
    pack = Merged(bms=("current",))
    pack.both(0)
    assert pack.only_bms(10, DAY - 100, 60.0).state_of_charge is not None
    found = pack.only_bms(DAY + 20, DAY + 20)
    assert (found.state_of_charge, found.full_capacity) == (None, None)


def test_at_the_start_the_first_that_comes_counts() -> None:
    pack = Merged()
    found = pack.only_bms(0, 0)
    assert found.state_of_charge == 60.0
    assert given(found, "Shunt").why is Why.NOT_SEEN
    assert pack.both(10).state_of_charge == 80.0


def test_a_source_that_nobody_knows_any_more_is_named() -> None:
    pack = Merged()
    pack.both(0)
    del pack.members["shunt"]
    found = pack.combine(1)
    assert given(found, "shunt").why is Why.REMOVED


def test_levels_of_the_sources_are_those_of_the_battery() -> None:
    pack = Merged()
    found = pack.only_bms(0, 0)
    assert found.levels == (MemberLevel("Shunt", Level.UNHEALTHY, Side.FAULT, Kind.MEMBER_LOST),)


def test_a_merged_battery_of_a_bank_without_a_member_is_partial_too() -> None:
    bank = together(Arrangement.PARALLEL, member("A"), member("B", absent=Why.DISABLED))
    found = together(Arrangement.MERGED, member("Shunt", **SHUNT_ONLY), nested("Bank", bank))
    assert found.quality is Quality.PARTIAL
    assert given(found, "Bank").why is Why.INCOMPLETE


def test_every_quantity_of_a_reading_may_be_taken() -> None:
    not_offered = {"time_to_empty", "time_to_full"}  # worked out anew
    assert set(QUANTITIES) == {*Reading.__dataclass_fields__, "power"} - not_offered
