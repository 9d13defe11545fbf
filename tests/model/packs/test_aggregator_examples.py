"""What BatteryAggregator's documentation configures, and what it says that gives: examples, then options.

A service is a battery here. A merged battery goes through its own monitor before it is a member.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from custom_components.battmon.model import monitor
from custom_components.battmon.model.packs.combining import Keeping, combined
from custom_components.battmon.model.packs.members import Member, PackReading, Quality
from custom_components.battmon.model.packs.settings import Arrangement, PackSettings, Source
from custom_components.battmon.model.state import BatteryState

from ..folding import at, settings
from .builders import NOW, battery, given

BMS_1 = battery("ttyUSB0", voltage=13.2, current=-10.2, percent=50.0, capacity=100.0)
BMS_2 = battery("ttyUSB1", voltage=13.3, current=-30.4, percent=70.0, capacity=100.0)
NO_BMS: dict[str, Any] = {
    "cell_voltages": None,
    "alarms": None,
    "charging_enabled": None,
    "discharging_enabled": None,
}
SHUNT = battery("ttyS5", voltage=13.24, current=-41.0, percent=64.0, capacity=None, **NO_BMS)
SHUNT_1 = battery("ttyS6", voltage=13.21, current=-10.0, percent=52.0, capacity=None, **NO_BMS)
SHUNT_2 = battery("ttyS7", voltage=13.31, current=-30.0, percent=72.0, capacity=None, **NO_BMS)
DEFAULTS = battery("defaultMetadata", voltage=12.0, current=0.0, percent=0.0, capacity=230.0, **NO_BMS)

type Named = Mapping[str, tuple[str, ...]]
"""Name of a service to what is taken from it; nothing named is all."""


def sources(named: Named) -> tuple[Source, ...]:
    return tuple(Source(key=name.lower(), quantities=frozenset(what)) for name, what in named.items())


def joined(
    arrangement: Arrangement,
    members: Named,
    *there: Member,
    primary: Named | None = None,
    auxiliary: Named | None = None,
    capacity: float | None = None,
) -> PackReading:
    """Return what `members` are together, of all the services that are `there`."""
    its = PackSettings(
        arrangement=arrangement,
        members=sources(members),
        primary=sources(primary or {}),
        auxiliary=sources(auxiliary or {}),
        capacity=capacity,
    )
    return combined(Keeping(), {member.key: member for member in there}, its, NOW)[1]


def aggregated(
    *there: Member,
    exclude: tuple[str, ...] = (),
    primary: Named | None = None,
    auxiliary: Named | None = None,
    capacity: float | None = None,
) -> PackReading:
    """Return all batteries in parallel, but those excluded and those that are no members."""
    apart = {*exclude, *(primary or {}), *(auxiliary or {})}
    members: Named = {member.name: () for member in there if member.name not in apart}
    return joined(
        Arrangement.PARALLEL, members, *there, primary=primary, auxiliary=auxiliary, capacity=capacity
    )


def virtual(name: str, members: Named, *there: Member) -> Member:
    """Return a battery merged of these sources, as its own monitor knows it."""
    reading = joined(Arrangement.MERGED, members, *there)
    state = monitor.step(BatteryState(), reading, at(0), settings()).state
    return Member(name.lower(), name, state)


def test_example_1_a_shunt_is_excluded_from_aggregation() -> None:
    """`"excludedServices": ["com.victronenergy.battery.ttyS1"]`."""
    shunt = SHUNT._replace(key="ttys1", name="ttyS1")
    found = aggregated(BMS_1, BMS_2, shunt, exclude=("ttyS1",))
    assert found == aggregated(BMS_1, BMS_2)
    assert found.voltage == pytest.approx(13.25)  # the mean
    assert found.current == pytest.approx(-40.6)  # the sum
    assert (found.remaining_capacity, found.full_capacity) == (120.0, 200.0)  # sums
    assert found.state_of_charge == 60.0
    assert [each.name for each in found.contributions] == ["ttyUSB0", "ttyUSB1"]


def test_example_2_the_state_of_charge_of_a_shunt_takes_precedence() -> None:
    """`"primaryServices": {"com.victronenergy.battery.ttyS5": ["/SoC"]}`."""
    found = aggregated(BMS_1, BMS_2, SHUNT, primary={"ttyS5": ("state_of_charge",)})
    without = aggregated(BMS_1, BMS_2)
    assert found.state_of_charge == 64.0
    # All else is the aggregate's, and the shunt is no member of it.
    assert (found.voltage, found.current, found.power) == (without.voltage, without.current, without.power)
    assert found.full_capacity == 200.0
    assert given(found, "ttyS5").gives == ("state_of_charge",)


def test_example_2_says_the_same_in_ah() -> None:
    """There the capacity stays the sum of the members, 120 Ah: 60 % beside 64 %. Here both say the same."""
    found = aggregated(BMS_1, BMS_2, SHUNT, primary={"ttyS5": ("state_of_charge",)})
    assert found.remaining_capacity == pytest.approx(128.0)


def test_example_3_two_bms_each_in_series_with_a_shunt_are_two_batteries() -> None:
    """`"virtualBatteries": {"...virtual1": ["...ttyS6", "...ttyUSB0"], "...virtual2": [...]}`."""
    there = (BMS_1, BMS_2, SHUNT_1, SHUNT_2)
    one = virtual("virtual1", {"ttyS6": (), "ttyUSB0": ()}, *there)
    two = virtual("virtual2", {"ttyS7": (), "ttyUSB1": ()}, *there)
    found = aggregated(one, two)
    # Nothing is counted twice: the shunts take precedence, and the BMS tell what those do not know.
    assert found.voltage == pytest.approx((13.21 + 13.31) / 2)
    assert found.current == pytest.approx(-40.0)
    assert found.power == pytest.approx(13.21 * -10.0 + 13.31 * -30.0)
    assert found.state_of_charge == pytest.approx(62.0)
    assert found.full_capacity == 200.0
    assert len(found.cell_voltages or ()) == 8
    assert found.cell_names[4] == "virtual2 / cell 1"
    assert (found.charging_enabled, found.quality) == (True, Quality.OK)
    assert [each.name for each in found.contributions] == ["virtual1", "virtual2"]


def test_virtual_batteries_with_the_state_of_charge_alone_from_the_shunt() -> None:
    """`{"...virtual1": {"...ttyS6": ["/Soc"], "...ttyUSB0": []}}`: an empty list is all."""
    one = virtual("virtual1", {"ttyS6": ("state_of_charge",), "ttyUSB0": ()}, BMS_1, SHUNT_1)
    two = virtual("virtual2", {"ttyS7": ("state_of_charge",), "ttyUSB1": ()}, BMS_2, SHUNT_2)
    found = aggregated(one, two)
    assert found.voltage == pytest.approx(13.25)
    assert found.current == pytest.approx(-40.6)
    assert found.state_of_charge == pytest.approx(62.0)


def test_state_of_charge_from_the_shunt_and_current_from_a_bms() -> None:
    """`"primaryServices": {"...ttyS5": ["/Soc"], "...leastPrecedence": ["/Dc/0/Current"]}`."""
    least = battery("leastPrecedence", current=-44.0, percent=1.0)
    found = aggregated(
        BMS_1,
        BMS_2,
        SHUNT,
        least,
        primary={"ttyS5": ("state_of_charge",), "leastPrecedence": ("current",)},
    )
    assert (found.state_of_charge, found.current) == (64.0, -44.0)
    assert found.voltage == pytest.approx(13.25)


def test_auxiliary_services_tell_what_no_member_does() -> None:
    """`"auxiliaryServices": ["...defaultMetadata", "...leastPrecedence"]`: the first one counts."""
    members = (battery("One", capacity=None, percent=None), battery("Two", capacity=None, percent=None))
    least = battery("leastPrecedence", percent=33.0, capacity=150.0)
    found = aggregated(*members, DEFAULTS, least, auxiliary={"defaultMetadata": (), "leastPrecedence": ()})
    assert found.full_capacity == 230.0
    assert (found.voltage, found.current) == (13.2, -20.0)
    assert found.state_of_charge == 0.0


def test_auxiliary_services_may_tell_one_quantity_alone() -> None:
    """`"auxiliaryServices": {"...dev1": ["/Info/Location"]}`, here with a quantity that batteries have."""
    members = (battery("One", capacity=None, percent=None), battery("Two", capacity=None, percent=None))
    found = aggregated(*members, DEFAULTS, auxiliary={"defaultMetadata": ("full_capacity",)})
    assert (found.full_capacity, found.state_of_charge) == (230.0, None)


def test_the_installed_capacity_may_be_set() -> None:
    """`"capacity": 200`."""
    members = (battery("One", capacity=None, percent=40.0), battery("Two", capacity=None, percent=60.0))
    found = aggregated(*members, capacity=200.0)
    assert (found.full_capacity, found.state_of_charge, found.remaining_capacity) == (200.0, 50.0, 100.0)
