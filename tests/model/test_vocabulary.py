"""The words that all devices share: alarms, places, errors."""

import pytest

from custom_components.battmon.model.alarms import NOT_A_PROBLEM, Alarm
from custom_components.battmon.model.errors import (
    BadFrame,
    BattMonError,
    CommandBlocked,
    LinkDown,
    NoReply,
    PasswordNeeded,
    Refusal,
    Refused,
    WireConflict,
    WrongBattery,
    WrongPassword,
)
from custom_components.battmon.model.reading import Place

# As the design states them.
ALARMS = [
    "cell_overvoltage", "cell_undervoltage", "pack_overvoltage", "pack_undervoltage", "charge_overcurrent",
    "discharge_overcurrent", "short_circuit", "charge_overtemperature", "charge_undertemperature",
    "discharge_overtemperature", "discharge_undertemperature", "mosfet_overtemperature",
    "front_end_failure", "charge_mosfet_failure", "discharge_mosfet_failure", "permanent_failure",
    "cell_imbalance", "cells_missing", "low_capacity", "remaining_time_low", "software_lock",
    # Of smart batteries.
    "not_initialized", "terminate_discharge", "fully_discharged", "overcharged",
    # Of virtual batteries.
    "voltage_spread", "current_spread", "state_of_charge_spread", "cell_drift",
]  # fmt: skip


def test_the_alarms_are_those_of_the_design() -> None:
    assert list(Alarm) == ALARMS


def test_only_the_lock_is_no_problem() -> None:
    assert set(NOT_A_PROBLEM) == {"software_lock"}


def test_the_places_of_temperatures() -> None:
    assert set(Place) == {"cell", "mosfet", "board", "ambient", "unknown"}


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (LinkDown("no such port"), "no such port"),
        (Refused(Refusal.UNKNOWN_COMMAND), "refused: unknown command"),
        (Refused(Refusal.OTHER, "status 84"), "refused: other (status 84)"),
        (PasswordNeeded(), "refused: not allowed (a password is needed)"),
        (WrongPassword(), "refused: wrong password"),
        (CommandBlocked("state_both"), "state both"),
        (CommandBlocked("balancing_too_often", {"limit": "10"}), "balancing too often: 10"),
    ],
)
def test_an_error_says_what_it_is(error: BattMonError, words: str) -> None:
    assert str(error) == words


@pytest.mark.parametrize(
    "error", [LinkDown, NoReply, BadFrame, WireConflict, WrongBattery, Refused, CommandBlocked]
)
def test_every_error_is_one_of_ours(error: type[BattMonError]) -> None:
    assert issubclass(error, BattMonError)


@pytest.mark.parametrize(
    ("error", "reason"),
    [(PasswordNeeded(), Refusal.NOT_ALLOWED), (WrongPassword(), Refusal.WRONG_PASSWORD)],
)
def test_passwords_are_a_kind_of_refusal(error: Refused, reason: Refusal) -> None:
    assert isinstance(error, Refused)
    assert error.reason is reason


def test_what_blocked_a_command_keeps_its_own_numbers() -> None:
    numbers = {"limit": "10"}
    blocked = CommandBlocked("balancing_too_often", numbers)
    numbers["limit"] = "99"
    assert blocked.placeholders == {"limit": "10"}
