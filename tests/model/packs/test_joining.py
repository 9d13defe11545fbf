"""What a member may join a bus under: the re-join guard of rules 6."""

from math import inf

import pytest

from custom_components.battmon.model.chemistry import Chemistry
from custom_components.battmon.model.errors import CommandBlocked
from custom_components.battmon.model.packs.joining import Joining, may_join
from custom_components.battmon.model.packs.standing import Bank, Standing

ON = Standing(
    "bus",
    "Bus",
    charging=True,
    discharging=True,
    voltage=13.20,
    current=0.0,
    resistance=0.010,
    capacity=100.0,
    state_of_charge=60.0,
    charge_limit=100.0,
    discharge_limit=100.0,
    cells=4,
    chemistry=Chemistry.LIFEPO4,
)
OFF = ON._replace(key="one", name="One", charging=False, discharging=False, current=None)
BOTH = ("charging", "discharging")


def join(one: Standing, *bus: Standing, switches: tuple[str, ...] = BOTH) -> Joining | None:
    """Let one member join the others."""
    return may_join(Bank("Bank", (one, *bus)), {one.key}, switches)


def refusal(one: Standing, *bus: Standing) -> dict[str, str]:
    """Return why one may not join the others: the rule and its numbers."""
    with pytest.raises(CommandBlocked) as blocked:
        join(one, *bus)
    return {"key": blocked.value.key, **blocked.value.placeholders}


@pytest.mark.parametrize(
    ("voltage", "resistance", "bus_resistance"),
    [
        (13.20, 0.01, 0.01),
        (13.889, 0.01, 0.01),
        (12.511, 0.01, 0.01),
        (13.0, 0.002, 0.002),
        (14.7, 0.04, 0.01),
    ],
)
def test_little_enough_flows(voltage: float, resistance: float, bus_resistance: float) -> None:
    """0.3 C is 30 A; 0.689 V / (10 + 10 + 3 mOhm) is just below that."""
    one = OFF._replace(voltage=voltage, resistance=resistance)
    assert join(one, ON._replace(resistance=bus_resistance)) == Joining("Bank", 30.0, 30.0)


@pytest.mark.parametrize(
    ("voltage", "difference", "current"),
    [(13.90, "+0.70", "30.4"), (12.50, "-0.70", "30.4"), (18.0, "+4.80", "208.7")],
)
def test_too_much_would_flow(voltage: float, difference: str, current: str) -> None:
    assert refusal(OFF._replace(voltage=voltage), ON) == {
        "key": "join_current",
        "pack": "Bank",
        "member": "One",
        "difference": difference,
        "current": current,
        "limit": "30.0",
    }


@pytest.mark.parametrize(
    ("one", "bus", "most_in", "most_out"),
    [
        (OFF._replace(capacity=20.0), ON, 6.0, 6.0),
        (OFF, ON._replace(capacity=20.0), 6.0, 6.0),
        (OFF._replace(charge_limit=40.0), ON, 20.0, 30.0),
        (OFF._replace(discharge_limit=40.0), ON, 30.0, 20.0),
        (OFF, ON._replace(charge_limit=40.0), 30.0, 20.0),
        (OFF, ON._replace(discharge_limit=40.0), 20.0, 30.0),
        (OFF._replace(charge_limit=0.0), ON, 0.0, 30.0),
        # A bus that can only be charged gives nothing, whatever it might.
        (OFF, ON._replace(discharging=False, discharge_limit=10.0), 30.0, 30.0),
    ],
)
def test_the_limit_is_that_of_the_weaker_side_in_each_direction(
    one: Standing, bus: Standing, most_in: float, most_out: float
) -> None:
    assert join(one, bus) == Joining("Bank", most_in, most_out)
    for voltage, most in ((13.2 - 0.023 * most_in, most_in), (13.2 + 0.023 * most_out, most_out)):
        outward = 1 if voltage > 13.2 else -1
        if most:
            assert join(one._replace(voltage=voltage - 0.001 * outward), bus) is not None
        assert refusal(one._replace(voltage=voltage + 0.01 * outward), bus)["limit"] == f"{most:.1f}"


def test_a_bus_of_many_resists_less_and_bears_more() -> None:
    bus = [ON._replace(key=name, name=name, capacity=50.0, charge_limit=25.0) for name in ("X", "Y")]
    joining = join(OFF._replace(voltage=13.2 + 24.9 * 0.018), *bus)
    assert joining == Joining("Bank", 30.0, 25.0)
    assert refusal(OFF._replace(voltage=13.2 + 25.1 * 0.018), *bus)["current"] == "25.1"


def test_the_bus_is_corrected_by_what_flows() -> None:
    """Under 60 A a bus of 10 mOhm shows 0.6 V less than it rests at, which is where the member is."""
    loaded = ON._replace(voltage=12.6, current=-60.0)
    assert join(OFF._replace(voltage=13.2), loaded) is not None
    assert refusal(OFF._replace(voltage=12.5), loaded)["difference"] == "-0.70"


@pytest.mark.parametrize("switches", [BOTH, ("charging",), ("discharging",)])
def test_a_member_that_is_on_already_passes(switches: tuple[str, ...]) -> None:
    assert join(OFF._replace(voltage=20.0, charging=True, discharging=True), ON, switches=switches) is None


def test_a_member_that_is_half_on_is_asked_about_its_other_half() -> None:
    half = OFF._replace(voltage=20.0, charging=True, current=0.0)
    assert join(half, ON, switches=("charging",)) is None
    with pytest.raises(CommandBlocked):
        join(half, ON, switches=("discharging",))


def test_a_member_that_does_not_tell_whether_it_is_on_is_asked() -> None:
    doubtful = OFF._replace(voltage=20.0, charging=None, discharging=None, current=0.0)
    assert refusal(doubtful, ON)["key"] == "join_current"


# A resistance that is not known.

UNKNOWN = OFF._replace(resistance=None)


@pytest.mark.parametrize(
    ("chemistry", "most"),
    [
        (Chemistry.LIFEPO4, 0.200),
        (Chemistry.LI_ION, 0.200),
        (Chemistry.LEAD_ACID, 0.200),
        (Chemistry.SODIUM_ION, 0.160),
        (Chemistry.LTO, 0.060),
        (Chemistry.LIPO, 0.040),
        (None, 0.040),
    ],
)
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("unknown_side", ["one", "bus"])
def test_without_a_resistance_the_voltages_have_to_be_near(
    chemistry: Chemistry | None, most: float, sign: int, unknown_side: str
) -> None:
    one = OFF._replace(chemistry=chemistry, resistance=None if unknown_side == "one" else 0.01)
    bus = ON._replace(resistance=None if unknown_side == "bus" else 0.01)
    assert join(one._replace(voltage=13.2 + sign * (most - 0.001)), bus) == Joining("Bank", 30.0, 30.0)
    assert refusal(one._replace(voltage=13.2 + sign * (most + 0.001)), bus) == {
        "key": "join_voltage",
        "pack": "Bank",
        "member": "One",
        "difference": f"{sign * (most + 0.001):+.3f}",
        "limit": f"{most:.3f}",
    }


@pytest.mark.parametrize("cells", [None, 0])
def test_without_a_resistance_the_cells_have_to_be_known(cells: int | None) -> None:
    assert refusal(UNKNOWN._replace(cells=cells), ON) == {
        "key": "join_cells_unknown",
        "pack": "Bank",
        "member": "One",
    }


@pytest.mark.parametrize(
    ("current", "capacity", "is_known"),
    [
        (4.9, 100.0, True),
        (-4.9, 100.0, True),
        (5.0, 100.0, False),
        (-50.0, 100.0, False),
        (None, 100.0, False),
    ],
)
def test_without_a_resistance_the_bus_has_to_be_idle(
    current: float | None, capacity: float, is_known: bool
) -> None:
    bus = ON._replace(resistance=None, current=current, capacity=capacity)
    if is_known:
        assert join(OFF, bus) is not None
    else:
        assert refusal(OFF, bus) == {"key": "join_voltage_unknown", "pack": "Bank", "members": "Bus"}


def test_every_member_of_the_bus_has_to_be_idle() -> None:
    moving = ON._replace(key="two", name="Two", resistance=None, current=-20.0)
    assert refusal(OFF, ON, moving) == {"key": "join_voltage_unknown", "pack": "Bank", "members": "Two"}


def test_a_member_that_is_half_on_has_to_be_idle_too() -> None:
    half = UNKNOWN._replace(discharging=True, current=-6.0)
    assert refusal(half, ON)["members"] == "One"


# What is not known is not allowed.


@pytest.mark.parametrize(
    ("one", "bus", "named"),
    [
        (OFF._replace(voltage=None), ON, "One"),
        (OFF, ON._replace(voltage=None), "Bus"),
        (Standing("one", "One"), ON, "One"),
    ],
)
def test_both_sides_have_to_be_read(one: Standing, bus: Standing, named: str) -> None:
    assert refusal(one, bus) == {"key": "bus_unread", "pack": "Bank", "members": named}


@pytest.mark.parametrize(
    ("one", "bus", "named"),
    [
        (OFF._replace(capacity=None), ON, "One"),
        (OFF._replace(charge_limit=None), ON, "One"),
        (OFF._replace(discharge_limit=None), ON, "One"),
        (OFF, ON._replace(capacity=None), "Bus"),
        (OFF, ON._replace(charge_limit=None), "Bus"),
        (OFF, ON._replace(discharge_limit=None), "Bus"),
        (OFF._replace(capacity=None), ON._replace(capacity=None), "One, Bus"),
    ],
)
def test_capacity_and_limits_have_to_be_known(one: Standing, bus: Standing, named: str) -> None:
    assert refusal(one, bus) == {"key": "join_limits_unknown", "pack": "Bank", "members": named}


LOST = Standing("lost", "Lost")


def test_nothing_is_joined_where_all_others_are_off() -> None:
    assert join(OFF._replace(voltage=99.0), OFF._replace(key="other", voltage=13.0)) is None
    assert join(OFF) is None


@pytest.mark.parametrize("other", [LOST, OFF._replace(key="lost", name="Lost", discharging=None)])
def test_one_that_may_be_on_the_bus_has_to_be_heard(other: Standing) -> None:
    assert refusal(OFF, other) == {"key": "bus_unread", "pack": "Bank", "members": "Lost"}


def test_another_that_is_fully_on_tells_the_voltage_of_the_bus_as_well() -> None:
    assert join(OFF, ON, LOST) is not None
    for half in (ON._replace(charging=False), ON._replace(discharging=False)):
        assert refusal(OFF, half, LOST)["members"] == "Lost"


def test_one_that_is_not_heard_may_resist_nothing() -> None:
    """30 A through 10 + 3 mOhm are 0.39 V."""
    assert join(OFF._replace(voltage=13.58), ON, LOST) is not None
    assert refusal(OFF._replace(voltage=13.60), ON, LOST)["current"] == "30.8"


def test_the_member_of_the_bus_that_is_farthest_counts() -> None:
    half = ON._replace(key="half", name="Half", discharging=False, voltage=12.3)
    assert refusal(OFF, ON, half)["difference"] == "+0.90"


# What is looked at afterwards.


@pytest.mark.parametrize(
    ("charge", "bus", "points"),
    [(90.0, 60.0, None), (91.0, 60.0, 31.0), (20.0, 60.0, 40.0), (None, 60.0, None), (5.0, None, None)],
)
def test_a_large_difference_of_charge_is_told(
    charge: float | None, bus: float | None, points: float | None
) -> None:
    joining = join(OFF._replace(state_of_charge=charge), ON._replace(state_of_charge=bus))
    assert joining is not None
    assert joining.charge_difference == points


@pytest.mark.parametrize(
    ("current", "is_exceeded"),
    [(None, True), (20.0, False), (20.1, True), (-30.0, False), (-30.1, True), (0.0, False), (-inf, True)],
)
def test_more_than_was_allowed_is_noticed(current: float | None, is_exceeded: bool) -> None:
    assert Joining("Bank", 20.0, 30.0).is_exceeded(current) is is_exceeded


def test_several_that_enter_together_are_held_to_the_strictest() -> None:
    """A bank that joins another one: each of its members has to fit."""
    weak = OFF._replace(key="two", name="Two", capacity=10.0, state_of_charge=10.0)
    joining = may_join(Bank("Bank", (OFF, weak, ON)), {"one", "two"}, BOTH)
    assert joining == Joining("Bank", 3.0, 3.0, 50.0)
    with pytest.raises(CommandBlocked, match="Two"):
        may_join(Bank("Bank", (OFF, weak._replace(voltage=14.0), ON)), {"one", "two"}, BOTH)
