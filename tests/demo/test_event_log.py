"""The record of what Home Assistant's bus said."""

from typing import Any

from simulators.demo.event_log import EventLog

EVENT = "event.van"


def heard(*rows: dict[str, Any]) -> EventLog:
    log = EventLog()
    for row in rows:
        log.hear({"entity_id": EVENT, "state": "none", "attributes": {}} | row)
    return log


def test_everything_is_kept_in_the_order_in_which_it_was_said() -> None:
    log = heard({"state": "low"}, {"state": "critical"}, {"entity_id": "sensor.other", "state": "none"})
    assert [said.state for said in log.of(EVENT)] == ["low", "critical"]
    assert log.of(EVENT)[0].time <= log.of(EVENT)[1].time


def test_a_state_that_is_said_again_with_other_attributes_is_the_same_state() -> None:
    log = heard({"state": "low"}, {"state": "low", "attributes": {"test": True}}, {"state": "none"})
    assert log.states(EVENT) == ["low", "none"]


def test_events_are_found_by_their_kind() -> None:
    kinds = ("level_rose", "ready_changed", "level_fell")
    log = heard(*({"attributes": {"event_type": kind}} for kind in kinds))
    found = [event.attributes["event_type"] for event in log.events(EVENT, "level_rose", "level_fell")]
    assert found == ["level_rose", "level_fell"]


def test_of_what_was_never_heard_there_is_nothing() -> None:
    assert EventLog().of(EVENT) == []
    assert EventLog().states(EVENT) == []
