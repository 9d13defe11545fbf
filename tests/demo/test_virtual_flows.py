"""What the dialogs about virtual batteries are told."""

from typing import Any

import pytest

from simulators.demo.virtual_flows import keys_of

OPTIONS = [{"value": "01A", "label": "Pack A"}, {"value": "01B", "label": "Pack B"}]
FORM: dict[str, Any] = {
    "data_schema": [
        {"name": "name", "selector": {"text": {}}},
        {"name": "members", "selector": {"select": {"options": OPTIONS, "multiple": True}}},
    ]
}


def test_members_are_chosen_by_name_in_their_order() -> None:
    assert keys_of(FORM, "members", ["Pack B", "Pack A"]) == ["01B", "01A"]


def test_a_battery_that_is_not_offered_cannot_be_chosen() -> None:
    with pytest.raises(KeyError, match="Pack C"):
        keys_of(FORM, "members", ["Pack C"])
