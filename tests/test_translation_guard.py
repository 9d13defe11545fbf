"""The guard that watches texts in all other tests notices each kind of gap."""

from typing import Any

import pytest
import voluptuous as vol

from custom_components.battmon.const import DOMAIN
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, section
from homeassistant.exceptions import HomeAssistantError

from .translation_guard import missing_in_exception, missing_in_flow, missing_in_issue, send_to_browser

SCHEMA = vol.Schema(
    {
        vol.Required("device"): str,
        vol.Required("line"): section(vol.Schema({vol.Optional("baud_rate"): int})),
    }
)
LINE = {"data": {"baud_rate": "Speed"}, "data_description": {"baud_rate": "In baud"}}
ROOT: dict[str, Any] = {
    "step": {
        "serial": {
            "description": "At {place}",
            "data": {"device": "Port"},
            "data_description": {"device": "Where"},
            "sections": {"line": LINE},
        },
        "menu": {"menu_options": {"serial": "Serial"}},
    },
    "progress": {"connect": "To {place}"},
    "error": {"no_reply": "Silent: {detail}"},
    "abort": {"gone": "It is gone"},
}
FORM: dict[str, Any] = {
    "type": FlowResultType.FORM,
    "step_id": "serial",
    "data_schema": SCHEMA,
    "errors": {"base": "no_reply"},
    "description_placeholders": {"place": "here", "detail": "nothing"},
}
MENU: dict[str, Any] = {"type": FlowResultType.MENU, "step_id": "menu", "menu_options": ["serial"]}
WAIT: dict[str, Any] = {
    "type": FlowResultType.SHOW_PROGRESS,
    "progress_action": "connect",
    "description_placeholders": {"place": "there"},
}
ABORT: dict[str, Any] = {"type": FlowResultType.ABORT, "reason": "gone"}


@pytest.mark.parametrize(
    "result",
    [
        FORM,
        MENU,
        WAIT,
        ABORT,
        {**ABORT, "reason": "reauth_successful"},
        {"type": FlowResultType.CREATE_ENTRY},
    ],
)
def test_a_flow_with_all_its_words_passes(result: dict[str, Any]) -> None:
    assert list(missing_in_flow(result, ROOT)) == []


@pytest.mark.parametrize(
    ("result", "problem"),
    [
        ({**FORM, "step_id": "other"}, "no words for step other"),
        (
            {**FORM, "description_placeholders": {"detail": ""}},
            "serial.description: {place} is not filled in",
        ),
        ({**FORM, "description_placeholders": {"place": ""}}, "error.no_reply: {detail} is not filled in"),
        ({**FORM, "errors": {"base": "bad_frame"}}, "serial: no words for error bad_frame"),
        ({**FORM, "data_schema": vol.Schema({"speed": int})}, "serial: no data for speed"),
        (
            {**FORM, "data_schema": vol.Schema({"line": section(vol.Schema({"parity": str}))})},
            "serial: no data_description for parity",
        ),
        (
            {
                **FORM,
                "data_schema": SCHEMA.extend(
                    {vol.Optional("timing", default=dict): section(vol.Schema({vol.Optional("speed"): int}))}
                ),
            },
            "what section timing is filled in with is lost",
        ),
        ({**MENU, "menu_options": ["i2c"]}, "menu: no words for choice i2c"),
        ({**WAIT, "progress_action": "scan"}, "no words for progress scan"),
        ({**WAIT, "description_placeholders": None}, "progress.connect: {place} is not filled in"),
        ({**ABORT, "reason": "lost"}, "no words for abort reason lost"),
    ],
)
def test_a_gap_in_a_flow_is_found(result: dict[str, Any], problem: str) -> None:
    assert problem in list(missing_in_flow(result, ROOT))


async def test_a_form_that_no_browser_can_be_sent_is_found(hass: HomeAssistant) -> None:
    send_to_browser(hass.config_entries.flow, FORM)
    with pytest.raises((TypeError, ValueError)):
        send_to_browser(hass.config_entries.flow, {**FORM, "data_schema": vol.Schema({"when": object()})})


def test_a_gap_in_an_exception_is_found() -> None:
    unknown = HomeAssistantError(translation_domain=DOMAIN, translation_key="no_such_thing")
    assert list(missing_in_exception(unknown)) == ["no words for exception no_such_thing"]
    empty = HomeAssistantError(translation_domain=DOMAIN, translation_key="not_permitted")
    assert list(missing_in_exception(empty)) == ["not_permitted: {switches} is not filled in"]
    foreign = HomeAssistantError(translation_domain="sensor", translation_key="no_such_thing")
    assert list(missing_in_exception(foreign)) == []


def test_a_gap_in_an_issue_is_found() -> None:
    assert list(missing_in_issue("no_such_thing", None)) == ["no words for issue no_such_thing"]
    assert list(missing_in_issue("memory_set_aside", {})) == [
        "issue memory_set_aside.description: {file} is not filled in"
    ]
