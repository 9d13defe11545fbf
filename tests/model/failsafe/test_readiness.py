"""The checks before setting out (reference, 7): ArduPilot stops at the first, BattMon names all."""

from typing import Any

import pytest

from custom_components.battmon.model.alarms import Alarm
from custom_components.battmon.model.failsafe.drill import start_drill
from custom_components.battmon.model.failsafe.failsafe import Failsafe
from custom_components.battmon.model.failsafe.levels import Kind, Level, Side
from custom_components.battmon.model.failsafe.readiness import NotReady, NotReadyKind, not_ready
from custom_components.battmon.model.failsafe.settings import FailsafeSettings

from .watching import Limits, Watched, every, settings, vehicle, view

LOW, CRITICAL = NotReadyKind.LOW, NotReadyKind.CRITICAL
ORDER = NotReadyKind.THRESHOLD_ORDER
LIMITS = {Kind.LOW_VOLTAGE: (14.0, 12.8), Kind.LOW_CAPACITY: (1.0, 0.5)}
READY = {"ready_voltage": 15.0, "ready_capacity": 4.5}


def why_not(limits: FailsafeSettings, **sample: Any) -> list[tuple[NotReadyKind, str | None]]:
    return [(why.kind, why.subject) for why in not_ready(view(**sample), Failsafe(), limits)]


@pytest.mark.parametrize(
    ("voltage", "used", "others", "expected"),
    [
        (15.6, 0.0, READY, []),
        (14.5, 0.0, READY, [(NotReadyKind.READY_VOLTAGE, None)]),
        (15.6, 0.6, READY, [(NotReadyKind.READY_CAPACITY, None)]),
        (15.6, 0.5, READY, []),
        (13.9, 0.0, {}, [(LOW, "low_voltage")]),
        (
            12.0,
            4.9,
            {},
            [
                (LOW, "low_voltage"),
                (CRITICAL, "low_voltage"),
                (LOW, "low_capacity"),
                (CRITICAL, "low_capacity"),
            ],
        ),
        (15.0, 4.2, {}, [(LOW, "low_capacity")]),
        (0.0, 0.0, {}, []),
        (0.0, 0.0, {"ready_voltage": 15.0}, [(NotReadyKind.READY_VOLTAGE, None)]),
    ],
)
def test_the_vectors_of_ardupilot_with_all_reasons_instead_of_the_first(
    voltage: float, used: float, others: dict[str, float], expected: list[tuple[NotReadyKind, str | None]]
) -> None:
    limits = vehicle(LIMITS, **others)
    assert why_not(limits, voltage=voltage, remaining_capacity=5.0 - used) == expected


@pytest.mark.parametrize(
    ("limits", "kind"),
    [
        (LIMITS | {Kind.LOW_VOLTAGE: (14.0, 14.0)}, Kind.LOW_VOLTAGE),
        (LIMITS | {Kind.LOW_CAPACITY: (1.0, 1.0)}, Kind.LOW_CAPACITY),
        (LIMITS | {Kind.HIGH_VOLTAGE: (14.6, 14.4)}, Kind.HIGH_VOLTAGE),
    ],
)
def test_thresholds_the_wrong_way_round_are_named(limits: Limits, kind: Kind) -> None:
    assert why_not(settings(limits), voltage=14.2, remaining_capacity=5.0) == [(ORDER, kind.value)]


def test_unhealthy_or_never_read() -> None:
    assert not_ready(None, Failsafe(), settings(LIMITS)) == (NotReady(NotReadyKind.UNHEALTHY),)


@pytest.mark.parametrize("sample", [None, view(voltage=13.0)])
def test_released_is_a_reason_of_its_own(sample: Any) -> None:
    found = not_ready(sample, Failsafe(), settings(LIMITS), paused=True)
    assert found == (NotReady(NotReadyKind.RELEASED),)


@pytest.mark.parametrize(
    ("others", "expected"), [({}, []), ({"ready_voltage": 14.0}, [(NotReadyKind.READY_VOLTAGE, None)])]
)
def test_resting_voltage_counts_for_low_and_raw_voltage_for_ready(
    others: dict[str, float], expected: list[tuple[NotReadyKind, str | None]]
) -> None:
    limits = vehicle(LIMITS, use_resting_voltage=True, **others)
    assert why_not(limits, voltage=13.5, resting_voltage=14.3, remaining_capacity=5.0) == expected


def test_without_a_known_capacity_no_capacity_threshold_speaks_against_it() -> None:
    assert why_not(settings(LIMITS), voltage=15.0) == []


@pytest.mark.parametrize("unknown", [None, float("nan")])
def test_what_is_wanted_but_not_known_speaks_against_it(unknown: float | None) -> None:
    """ArduPilot takes an unknown capacity for the full one."""
    limits = settings({}, ready_state_of_charge=50.0, **READY)
    sample = view(voltage=unknown, remaining_capacity=unknown, state_of_charge=unknown)
    assert not_ready(sample, Failsafe(), limits) == (
        NotReady(NotReadyKind.READY_VOLTAGE, None, 15.0),
        NotReady(NotReadyKind.READY_CAPACITY, None, 4.5),
        NotReady(NotReadyKind.READY_STATE_OF_CHARGE, None, 50.0),
    )


def test_the_state_of_charge_has_to_be_reached_for_certain() -> None:
    limits = settings(ready_state_of_charge=50.0)
    counted = {"state_of_charge": 52.0, "state_of_charge_uncertainty": 3.0}
    assert why_not(limits, **counted) == []
    found = not_ready(view(origin_is_counted=True, **counted), Failsafe(), limits)
    assert found == (NotReady(NotReadyKind.READY_STATE_OF_CHARGE, 49.0, 50.0),)


def test_a_full_battery_is_full_enough() -> None:
    assert why_not(settings(ready_state_of_charge=100.0), state_of_charge=100.0) == []


def test_0_is_no_wish() -> None:
    limits = settings(ready_voltage=0.0, ready_capacity=0.0, ready_state_of_charge=0.0)
    assert why_not(limits) == []


def test_every_reason_in_force_speaks_against_it() -> None:
    battery = Watched(settings(), voltage=13.0)
    battery.see(0, alarms=frozenset({Alarm.LOW_CAPACITY, Alarm.SHORT_CIRCUIT}))
    found = not_ready(battery.view(), battery.failsafe, battery.settings)
    assert [(why.kind, why.reason) for why in found] == [
        (NotReadyKind.FAILSAFE, reason) for reason in battery.failsafe.reasons
    ]
    assert len(found) == 2


def test_what_the_failsafe_says_is_not_said_twice() -> None:
    battery = Watched(settings({Kind.LOW_VOLTAGE: (14.0, 12.8)}))
    battery.see_all(every(1.0, 0.0, 11.0), voltage=13.5)
    found = not_ready(battery.view(voltage=12.7), battery.failsafe, battery.settings)
    assert [(why.kind, why.subject) for why in found] == [
        (NotReadyKind.FAILSAFE, "low_voltage"),
        (CRITICAL, "low_voltage"),
    ]


def test_silence_is_said_once_and_what_was_held_beside_it() -> None:
    battery = Watched(settings({Kind.LOW_VOLTAGE: (14.0, 12.8)}))
    battery.see(0, voltage=13.5)
    battery.lose(10)
    found = not_ready(None, battery.failsafe, battery.settings)
    assert [(why.kind, why.subject) for why in found] == [
        (NotReadyKind.UNHEALTHY, None),
        (NotReadyKind.FAILSAFE, "silence_while_low"),
    ]


def test_silence_that_a_vehicle_holds_is_named_when_it_answers_again() -> None:
    battery = Watched(vehicle({}))
    battery.lose(10)
    battery.see(11, voltage=13.0)
    found = not_ready(battery.view(voltage=13.0), battery.failsafe, battery.settings)
    assert [(why.kind, why.subject) for why in found] == [(NotReadyKind.FAILSAFE, "silence")]


def test_a_low_cell_and_a_low_state_of_charge_speak_against_it_without_any_delay() -> None:
    limits = settings({Kind.LOW_CELL: (3.0, 2.8), Kind.LOW_STATE_OF_CHARGE: (20.0, 10.0)})
    found = why_not(limits, cell_voltages=(2.9, 3.2), state_of_charge=9.0)
    assert found == [(LOW, "low_cell"), (LOW, "low_state_of_charge"), (CRITICAL, "low_state_of_charge")]


def test_what_is_neither_voltage_nor_capacity_speaks_against_it_only_when_it_lasts() -> None:
    limits = settings({Kind.HIGH_VOLTAGE: (14.4, None), Kind.DISCHARGE_OVERCURRENT: (50.0, None)})
    assert why_not(limits, voltage=14.5, current=-100.0) == []


def test_a_drill_makes_it_not_ready() -> None:
    failsafe = start_drill(Failsafe(), Level.LOW, Side.BOTH, 60.0)
    (why,) = not_ready(view(voltage=13.0), failsafe, settings())
    assert (why.kind, why.subject) == (NotReadyKind.FAILSAFE, "drill")
