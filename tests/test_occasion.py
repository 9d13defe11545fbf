"""When to read what is not read at every poll."""

import pytest

from custom_components.battmon.sources.occasion import LONG_RETRY, NEVER, RETRY, Occasion


@pytest.fixture(autouse=True)
def _custom_integrations() -> None:
    """Take the place of the fixture that starts Home Assistant."""


def test_it_is_due_at_once_and_then_at_intervals() -> None:
    occasion = Occasion(60.0)
    assert occasion.is_due(0.0)
    occasion.done(10.0)
    assert not occasion.is_due(69.0)
    assert occasion.is_due(70.0)


def test_what_is_read_once_a_connection_is_due_again_after_the_next() -> None:
    occasion = Occasion(NEVER)
    occasion.done(0.0)
    assert not occasion.is_due(1e9)
    occasion.begin()
    assert occasion.is_due(0.0)


@pytest.mark.parametrize(("known", "rest"), [(True, RETRY), (False, LONG_RETRY)])
def test_the_first_failure_is_tried_again_at_once_and_others_seldom(known: bool, rest: float) -> None:
    occasion = Occasion(1.0, known=known)
    occasion.failed(5.0)
    assert occasion.is_due(5.0)
    occasion.failed(5.0)
    assert not occasion.is_due(5.0 + rest - 0.1)
    assert occasion.is_due(5.0 + rest)


def test_what_was_read_before_is_worth_trying_sooner() -> None:
    occasion = Occasion(1.0)
    occasion.done(0.0)
    occasion.failed(1.0)
    occasion.failed(1.0)
    assert occasion.is_due(1.0 + RETRY)


def test_success_makes_failures_forgotten() -> None:
    occasion = Occasion(1.0)
    occasion.failed(0.0)
    occasion.done(0.0)
    occasion.failed(1.0)
    assert occasion.is_due(1.0)


def test_what_was_given_up_is_not_due_after_any_connection() -> None:
    occasion = Occasion(1.0)
    occasion.give_up()
    occasion.begin()
    assert not occasion.is_due(1e9)


def test_failures_are_excused_while_nothing_is_answered_and_successes_stay() -> None:
    occasion = Occasion(10.0)
    for _time in range(2):
        occasion.failed(0.0)
    occasion.excuse()
    assert occasion.is_due(0.0)
    occasion.done(0.0)
    occasion.excuse()
    assert not occasion.is_due(9.0)
