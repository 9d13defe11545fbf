"""What a member may be switched off under: of a string, and of a bank."""

import pytest

from custom_components.battmon.model.errors import CommandBlocked
from custom_components.battmon.model.packs.standing import Bank, Standing
from custom_components.battmon.model.packs.switching import (
    SwitchStates,
    may_leave,
    may_open,
    order_of_leaving,
)

A = Standing(
    "a",
    "A",
    charging=True,
    discharging=True,
    voltage=13.2,
    current=-10.0,
    resistance=0.02,
    capacity=100.0,
    charge_limit=50.0,
    discharge_limit=100.0,
)
B = A._replace(key="b", name="B")
C = A._replace(key="c", name="C", capacity=50.0, charge_limit=25.0, discharge_limit=50.0)
LOST = Standing("l", "Lost")


def under(current: float, *members: Standing) -> Bank:
    """Return a bank of which the first member gives this current, and all others none."""
    first, *others = members or (A, B)
    each = [first._replace(current=current), *(one._replace(current=0.0) for one in others)]
    return Bank("Bank", tuple(each))


def refusal(bank: Bank, *leaving: str, switch: str = "discharging", **how: object) -> dict[str, str] | None:
    """Return why members may not leave a bank: the rule and its numbers."""
    settings: dict[str, object] = {"force": False, **how}
    try:
        may_leave(bank, leaving, switch, **settings)  # type: ignore[arg-type]
    except CommandBlocked as blocked:
        return {"key": blocked.key, **blocked.placeholders}
    return None


# Series.


@pytest.mark.parametrize("current", [0.0, 1.0, -1.0])
def test_a_string_without_a_current_may_be_opened(current: float) -> None:
    may_open("String", [A._replace(current=current), LOST], force=False)


@pytest.mark.parametrize(("current", "told"), [(1.1, "1.1"), (-40.0, "40.0")])
def test_a_string_under_a_current_is_opened_only_by_force(current: float, told: str) -> None:
    string = [A._replace(current=0.0), B._replace(current=current)]
    with pytest.raises(CommandBlocked) as blocked:
        may_open("String", string, force=False)
    assert blocked.value.key == "string_current"
    assert blocked.value.placeholders == {"pack": "String", "current": told, "limit": "1.0"}
    may_open("String", string, force=True)


def test_a_string_whose_current_nobody_knows_is_opened_only_by_force() -> None:
    string = [A._replace(current=None), LOST]
    with pytest.raises(CommandBlocked, match="A, Lost") as blocked:
        may_open("String", string, force=False)
    assert blocked.value.key == "string_current_unknown"
    may_open("String", string, force=True)


# Parallel.


@pytest.mark.parametrize(
    ("current", "switch"),
    [
        (-100.0, "discharging"),
        (50.0, "charging"),
        (-150.0, "charging"),
        (150.0, "discharging"),
        (0.0, "charging"),
    ],
)
def test_a_member_may_leave_what_the_others_can_carry(current: float, switch: str) -> None:
    assert refusal(under(current), "a", switch=switch) is None


@pytest.mark.parametrize(
    ("current", "switch", "told", "limit"),
    [(-100.1, "discharging", "100.1", "100.0"), (50.1, "charging", "50.1", "50.0")],
)
@pytest.mark.parametrize("force", [False, True])
def test_a_member_may_not_leave_what_the_others_cannot_carry(
    current: float, switch: str, told: str, limit: str, force: bool
) -> None:
    assert refusal(under(current), "a", switch=switch, force=force) == {
        "key": "remaining_overloaded",
        "pack": "Bank",
        "current": told,
        "limit": limit,
        "members": "B",
    }


@pytest.mark.parametrize(
    ("staying", "limit"),
    [
        ((B, C), 150.0),
        ((B, C._replace(discharge_limit=20.0)), 60.0),
        ((B, C._replace(capacity=None, discharge_limit=20.0)), 40.0),
        ((B, C._replace(discharging=False)), 100.0),
        ((C,), 50.0),
    ],
)
def test_others_carry_until_the_first_of_them_is_at_its_limit(
    staying: tuple[Standing, ...], limit: float
) -> None:
    assert refusal(under(-limit, A, *staying), "a") is None
    refused = refusal(under(-limit - 0.1, A, *staying), "a")
    assert refused is not None
    assert (refused["key"], refused["limit"]) == ("remaining_overloaded", f"{limit:.1f}")


def test_the_last_member_on_a_bus_under_current_has_nobody_to_take_it() -> None:
    refused = refusal(under(-5.0, A, B._replace(discharging=False)), "a")
    assert refused is not None
    assert (refused["limit"], refused["members"]) == ("0.0", "-")
    assert refusal(under(0.0, A, B._replace(discharging=False)), "a") is None


@pytest.mark.parametrize(
    "doubtful",
    [
        B._replace(discharge_limit=None),
        B._replace(discharging=None),
        B._replace(discharging=None, discharge_limit=None),
    ],
)
def test_what_others_may_carry_has_to_be_known(doubtful: Standing) -> None:
    bank = under(-10.0, A, doubtful)
    assert refusal(bank, "a") == {
        "key": "remaining_limits_unknown",
        "pack": "Bank",
        "current": "10.0",
        "members": "B",
    }
    assert refusal(bank, "a", force=True) is None


def test_a_doubtful_member_is_not_needed_where_the_others_can_carry_it_all() -> None:
    assert refusal(under(-50.0, A, B, C._replace(discharge_limit=None)), "a") is None


def test_the_current_of_the_bus_has_to_be_known() -> None:
    bank = Bank("Bank", (A, B, LOST))
    assert refusal(bank, "a") == {"key": "bus_current_unknown", "pack": "Bank", "members": "Lost"}
    assert refusal(bank, "a", force=True) is None


def test_a_shunt_beside_the_members_knows_the_current_too() -> None:
    bank = Bank("Bank", (A, B, LOST))
    assert refusal(bank._replace(measured=(-20.0,)), "a") is None
    assert refusal(bank._replace(measured=(-100.1,)), "a") == {
        "key": "remaining_limits_unknown",
        "pack": "Bank",
        "current": "100.1",
        "members": "Lost",
    }


def test_the_larger_current_counts_where_two_are_known() -> None:
    refused = refusal(under(-10.0)._replace(measured=(-130.0,)), "a")
    assert refused is not None
    assert refused["current"] == "130.0"


def test_a_member_that_is_off_needs_no_current_of_its_own() -> None:
    off = C._replace(charging=False, discharging=False, current=None)
    assert refusal(Bank("Bank", (A, B, off)), "a") is None


def test_what_is_off_already_may_be_switched_off() -> None:
    off = A._replace(discharging=False, current=None)
    assert refusal(Bank("Bank", (off, LOST)), "a") is None


# All of them by one command.


def test_the_strongest_is_switched_off_last() -> None:
    bank = under(-40.0, B._replace(discharge_limit=70.0), A, C)
    order = order_of_leaving(bank, ("a", "b", "c"), "discharging", force=False)
    assert [one.name for one in order] == ["C", "B", "A"]


def test_all_may_go_where_the_last_one_can_carry_the_current_alone() -> None:
    order_of_leaving(under(-100.0), ("a", "b"), "discharging", force=False)
    with pytest.raises(CommandBlocked) as blocked:
        order_of_leaving(under(-100.1), ("a", "b"), "discharging", force=False)
    assert blocked.value.placeholders["members"] == "B"
    order_of_leaving(under(-100.1), ("a", "b"), "discharging", force=True)


@pytest.mark.parametrize("force", [False, True])
def test_who_stays_on_has_to_carry_what_all_that_go_leave(force: bool) -> None:
    order_of_leaving(under(-50.0, A, B, C), ("a", "b"), "discharging", force=force)
    with pytest.raises(CommandBlocked) as blocked:
        order_of_leaving(under(-50.1, A, B, C), ("a", "b"), "discharging", force=force)
    assert blocked.value.placeholders["members"] == "C"


def test_one_that_goes_together_with_others_does_not_count_on_those_that_failed_to_go() -> None:
    together = ("a", "b")
    assert refusal(under(-60.0, A, B._replace(discharging=False)), "a", together=together) is None
    assert refusal(under(-160.0), "a", together=together) is not None
    assert refusal(under(-160.0), "a", together=together, force=True) is None


def test_a_current_that_nobody_knows_keeps_all_on() -> None:
    bank = Bank("Bank", (A, B._replace(current=None)))
    with pytest.raises(CommandBlocked, match="B"):
        order_of_leaving(bank, ("a", "b"), "discharging", force=False)
    assert len(order_of_leaving(bank, ("a", "b"), "discharging", force=True)) == 2


def test_charging_ends_only_where_no_alternator_is_harmed() -> None:
    order_of_leaving(under(10.0), ("a", "b"), "charging", force=False)
    with pytest.raises(CommandBlocked) as blocked:
        order_of_leaving(under(10.1), ("a", "b"), "charging", force=False)
    assert blocked.value.key == "charging_under_load"
    assert blocked.value.placeholders == {"current": "10.1", "limit": "10.0"}
    order_of_leaving(under(10.1), ("a", "b"), "charging", force=True)
    order_of_leaving(under(10.1, A, B, C), ("a", "b"), "charging", force=False)


def test_charging_that_is_off_everywhere_may_be_switched_off() -> None:
    off = [one._replace(charging=False, current=None) for one in (A, B)]
    assert len(order_of_leaving(Bank("Bank", tuple(off)), ("a", "b"), "charging", force=False)) == 2


@pytest.mark.parametrize(
    ("told", "states", "is_on"),
    [
        ({"A": True, "B": True}, (("A", "B"), (), ()), True),
        ({"A": False, "B": False}, ((), ("A", "B"), ()), False),
        ({"A": True, "B": False}, (("A",), ("B",), ()), None),
        ({"A": True, "B": None}, (("A",), (), ("B",)), None),
        ({"A": None, "B": False}, ((), ("B",), ("A",)), None),
        ({}, ((), (), ()), None),
    ],
)
def test_a_switch_of_many_is_on_or_off_where_all_are(
    told: dict[str, bool | None], states: tuple[tuple[str, ...], ...], is_on: bool | None
) -> None:
    found = SwitchStates.of(told.items())
    assert tuple(found) == states
    assert found.is_on is is_on


def test_what_is_not_known_of_a_member_has_no_rest() -> None:
    assert Standing("a", "A", charging=True, current=0.0).resting_voltage is None
    assert Bank("Bank", ()).flow("charging") == 0.0


def test_a_member_that_does_not_tell_whether_it_is_on_is_judged_as_one_that_is() -> None:
    refused = refusal(Bank("Bank", (A._replace(discharging=None), B._replace(discharge_limit=5.0))), "a")
    assert refused is not None
    assert refused["limit"] == "5.0"


def test_the_last_that_charges_breaks_the_current_whoever_else_is_off() -> None:
    bank = under(10.1, A, B, C._replace(charging=False, current=None, discharging=False))
    with pytest.raises(CommandBlocked) as blocked:
        order_of_leaving(bank, ("a", "b"), "charging", force=False)
    assert blocked.value.key == "charging_under_load"
