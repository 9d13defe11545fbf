"""The dashboard and the entities it is made of."""

import json
from typing import Any

import pytest

from simulators.demo.dashboard import dashboard
from simulators.demo.entities import Entities, entities_of
from simulators.demo.sections import Shown


def row(entity_id: str, key: str, entry_id: str = "entry", disabled_by: str | None = None) -> dict[str, Any]:
    return {
        "entity_id": entity_id,
        "unique_id": f"01HZZZ_{key}",
        "config_entry_id": entry_id,
        "device_id": f"device of {entry_id}",
        "disabled_by": disabled_by,
    }


REGISTRY = [
    row("sensor.renamed_by_somebody", "voltage"),
    row("switch.garage_charging", "charging"),
    row("binary_sensor.garage_charging", "charging"),
    row("sensor.garage_cell_10", "cell_10"),
    row("sensor.garage_cell_2", "cell_2"),
    row("sensor.garage_cell_imbalance", "cell_imbalance"),
    row("sensor.garage_count", "count_short_circuit", disabled_by="integration"),
    row("sensor.other_voltage", "voltage", entry_id="other"),
]


def test_entities_are_found_by_unique_id_whatever_they_are_called() -> None:
    found = entities_of("entry", REGISTRY)
    assert found["sensor.voltage"] == "sensor.renamed_by_somebody"
    assert found["switch.charging"] == "switch.garage_charging"
    assert found["binary_sensor.charging"] == "binary_sensor.garage_charging"
    assert found.device_id == "device of entry"


def test_disabled_entities_and_those_of_other_batteries_are_left_out() -> None:
    found = entities_of("entry", REGISTRY)
    assert "sensor.count_short_circuit" not in found
    assert "sensor.other_voltage" not in found.ids.values()


def test_numbered_entities_come_in_the_order_of_their_numbers() -> None:
    found = entities_of("entry", REGISTRY)
    assert found.numbered("sensor.cell_") == ["sensor.garage_cell_2", "sensor.garage_cell_10"]


def test_an_unknown_entry_has_no_entities() -> None:
    assert entities_of("nobody", REGISTRY) == Entities("", {})


def test_every_cell_and_switch_of_every_battery_is_on_the_dashboard() -> None:
    ids = {f"sensor.cell_{number}": f"sensor.cell_{number}" for number in range(1, 17)}
    ids |= {f"switch.{name}": f"switch.{name}" for name in ("charging", "discharging", "balancing")}
    shown = dashboard([Shown("House", "mdi:home", Entities("device", ids))])
    text = json.dumps(shown)
    assert all(f'"{entity}"' in text for entity in ids.values())


def test_what_a_battery_does_not_offer_leaves_no_card_behind() -> None:
    only_voltage = Entities("device", {"sensor.voltage": "sensor.v"})
    sections = dashboard([Shown("Plain", "mdi:battery", only_voltage)])["views"][0]["sections"]
    cards = [card for section in sections for card in section["cards"]]
    assert [card["entity"] for card in cards if card["type"] == "tile"] == ["sensor.v"]
    assert all(card.get("entities", True) for card in cards)


def test_the_same_batteries_make_the_same_dashboard() -> None:
    batteries = [Shown("House", "mdi:home", entities_of("entry", REGISTRY))]
    assert dashboard(batteries) == dashboard(batteries)


def test_the_hint_is_only_there_when_it_is_wanted() -> None:
    assert "Bluetooth" in json.dumps(dashboard([], hint=True))
    assert "Bluetooth" not in json.dumps(dashboard([]))


JUDGED = Entities(
    "device",
    {
        name: name.replace(".", ".garage_")
        for name in (
            *("sensor.failsafe", "sensor.discharge_level", "sensor.charge_level"),
            *("binary_sensor.ready", "binary_sensor.low_battery"),
            *("sensor.time_to_empty", "sensor.time_to_full", "sensor.energy_in", "sensor.energy_out"),
            *("event.failsafe_event", "button.reset_failsafe"),
        )
    },
)


def cards_of(*batteries: Shown) -> list[dict[str, Any]]:
    return [card for section in dashboard(batteries)["views"][0]["sections"] for card in section["cards"]]


def test_every_battery_has_its_failsafe_time_and_energy_on_the_dashboard() -> None:
    shown = {card.get("entity") for card in cards_of(Shown("Garage", "mdi:garage", JUDGED))}
    left_out = {"event.failsafe_event", "button.reset_failsafe"}
    assert shown >= {entity for name, entity in JUDGED.ids.items() if name not in left_out}
    assert shown.isdisjoint({JUDGED[name] for name in left_out})


def test_the_battery_that_is_run_down_has_a_log_and_can_be_reset() -> None:
    cards = cards_of(Shown("Garage", "mdi:garage", JUDGED, runs_down=True))
    log = next(card for card in cards if card["type"] == "logbook")
    assert log["target"] == {"entity_id": ["event.garage_failsafe_event", "sensor.garage_failsafe"]}
    reset = next(card for card in cards if card.get("entity") == "button.garage_reset_failsafe")
    assert reset["tap_action"]["target"] == {"entity_id": "button.garage_reset_failsafe"}


@pytest.mark.parametrize(("batteries", "columns"), [(1, 2), (2, 4), (3, 3)])
def test_the_cells_stand_beside_or_below_their_battery(batteries: int, columns: int) -> None:
    shown = [Shown("Any", "mdi:battery", Entities("device", {"sensor.voltage": "sensor.v"}))] * batteries
    assert dashboard(shown)["views"][0]["max_columns"] == columns


def part(name: str, *numbers: int) -> Shown:
    ids = {f"sensor.cell_{number}": f"sensor.{name[-1].lower()}_cell_{number}" for number in numbers}
    return Shown(name, "mdi:battery", Entities(name, ids))


def joined(name: str, *parts: Shown) -> Shown:
    ids = {
        key: f"{key}_of_{name}"
        for key in ("sensor.quality", "binary_sensor.member_problem", "sensor.voltage_spread")
    }
    return Shown(name, "mdi:link", Entities(name, ids), parts=parts)


A, B = part("Pack A", 1, 2), part("Pack B", 1)
STRING = joined("string", A, B)


def together(*virtual: Shown, elsewhere: Shown | None = None) -> list[dict[str, Any]]:
    views = dashboard([] if elsewhere is None else [elsewhere], virtual)["views"]
    sections: list[dict[str, Any]] = views[1]["sections"]
    return sections


def test_without_virtual_batteries_there_is_no_view_of_them() -> None:
    assert len(dashboard([A])["views"]) == 1


def test_a_virtual_battery_shows_its_quality_its_members_and_how_far_they_are_apart() -> None:
    cards = together(STRING)[0]["cards"]
    tiles = {card["entity"]: card["state_content"] for card in cards if card["type"] == "tile"}
    assert tiles == {
        "sensor.quality_of_string": ["state", "missing"],
        "binary_sensor.member_problem_of_string": ["state", "members"],
    }
    (table,) = (card["content"] for card in cards if card["type"] == "markdown")
    assert "state_attr('sensor.quality_of_string', 'members')" in table
    assert '"sensor.voltage_spread_of_string"' in json.dumps(cards)


def test_a_virtual_battery_shows_the_cells_of_all_below_it_under_their_names() -> None:
    bank = joined("bank", STRING, part("Pack C", 1))
    (glance,) = (card for card in together(bank)[0]["cards"] if card["type"] == "glance")
    names = [(row["entity"], row["name"]) for row in glance["entities"]]
    assert names == [
        ("sensor.a_cell_1", "A 1"),
        ("sensor.a_cell_2", "A 2"),
        ("sensor.b_cell_1", "B 1"),
        ("sensor.c_cell_1", "C 1"),
    ]


def test_cells_of_one_member_alone_need_not_be_told_apart() -> None:
    (glance,) = (
        card for card in together(joined("merged", A, part("Shunt")))[0]["cards"] if card["type"] == "glance"
    )
    assert [row["name"] for row in glance["entities"]] == ["Cell 1", "Cell 2"]


def test_a_member_that_is_shown_elsewhere_is_not_shown_twice() -> None:
    headings = [section["cards"][0]["heading"] for section in together(STRING, elsewhere=A)]
    assert headings == ["string", "Pack B"]


def test_batteries_on_a_bus_have_a_page_with_their_cells() -> None:
    monitor = Shown("Meter", "mdi:gauge", Entities("m", {"sensor.current": "sensor.m_current"}))
    view = dashboard([], on_bus=[A, monitor])["views"][-1]
    assert [section["cards"][0]["heading"] for section in view["sections"]] == ["Pack A", "Meter"]
    cells, values = (json.dumps(section) for section in view["sections"])
    assert "sensor.a_cell_1" in cells
    assert "sensor.a_cell_2" in cells
    assert "sensor.m_current" in values
    assert "glance" not in values
