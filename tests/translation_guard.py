"""Every text that a test makes Home Assistant show exists, with all its placeholders filled in.

The syntax trees tell which keys there are; only a run tells with which placeholders and fields
they are shown. Importing the fixture in a conftest is enough.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from custom_components.battmon.const import DOMAIN
from homeassistant.config_entries import OptionsFlow
from homeassistant.core import ServiceRegistry
from homeassistant.data_entry_flow import FlowHandler, FlowManager, FlowResultType, section
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.data_entry_flow import FlowManagerIndexView
from homeassistant.helpers.json import json_dumps

from .product import product_json

TEXTS: dict[str, Any] = product_json("translations/en.json")
HOME_ASSISTANTS_REASONS = {"already_in_progress", "reauth_successful", "reconfigure_successful"}
PLACEHOLDER = re.compile(r"\{(\w+)\}")

type Problems = Iterator[str]


def unfilled(text: str, given: Mapping[str, object] | None, where: str) -> Problems:
    """Yield the placeholders of a text that are not given."""
    for name in PLACEHOLDER.findall(text):
        if name not in (given or {}):
            yield f"{where}: {{{name}}} is not filled in"


def fields_of(schema: Any) -> Iterator[tuple[str | None, str]]:
    """Yield the section, if any, and the name of every field of a form."""
    for marker, value in (schema.schema if schema is not None else {}).items():
        if isinstance(value, section):
            yield from ((str(marker), str(field)) for field in value.schema.schema)
        else:
            yield None, str(marker)


def lost_in_browser(schema: Any) -> Problems:
    """Yield the sections that the browser shows and sends empty, whatever stands in their fields.

    A section with a default is that default for it: it never looks at what is suggested inside.
    """
    for marker, value in (schema.schema if schema is not None else {}).items():
        if isinstance(value, section) and callable(getattr(marker, "default", None)):
            yield f"what section {marker} is filled in with is lost"


def missing_in_form(result: Mapping[str, Any], words: Mapping[str, Any], root: Mapping[str, Any]) -> Problems:
    """Yield what a form shows without words, or does not show."""
    step, given = result["step_id"], result.get("description_placeholders")
    yield from lost_in_browser(result["data_schema"])
    for part, field in fields_of(result["data_schema"]):
        place = words if part is None else words.get("sections", {}).get(part, {})
        for chapter in ("data", "data_description"):
            text = place.get(chapter, {}).get(field)
            if text is None:
                yield f"{step}: no {chapter} for {field}"
            else:
                yield from unfilled(text, given, f"{step}.{chapter}.{field}")
    for error in (result.get("errors") or {}).values():
        text = root.get("error", {}).get(error)
        if text is None:
            yield f"{step}: no words for error {error}"
        else:
            yield from unfilled(text, given, f"error.{error}")


def missing_in_menu(result: Mapping[str, Any], words: Mapping[str, Any]) -> Problems:
    """Yield the choices of a menu that have no words."""
    options = result["menu_options"]
    if not isinstance(options, Mapping):
        for option in set(options) - words.get("menu_options", {}).keys():
            yield f"{result['step_id']}: no words for choice {option}"


def missing_in_progress(result: Mapping[str, Any], root: Mapping[str, Any]) -> Problems:
    """Yield what is missing in the words for work that a person waits for."""
    action = result["progress_action"]
    text = root.get("progress", {}).get(action)
    if text is None:
        yield f"no words for progress {action}"
    else:
        yield from unfilled(text, result.get("description_placeholders"), f"progress.{action}")


def missing_in_abort(result: Mapping[str, Any], root: Mapping[str, Any]) -> Problems:
    """Yield what is missing in the words for the end of a flow."""
    reason = result["reason"]
    text = root.get("abort", {}).get(reason)
    if text is not None:
        yield from unfilled(text, result.get("description_placeholders"), f"abort.{reason}")
    elif reason not in HOME_ASSISTANTS_REASONS:
        yield f"no words for abort reason {reason}"


def missing_in_flow(result: Mapping[str, Any], root: Mapping[str, Any]) -> Problems:
    """Yield everything that a step of a flow shows without words."""
    kind = result["type"]
    if kind in {FlowResultType.FORM, FlowResultType.MENU}:
        words = root.get("step", {}).get(result["step_id"])
        if words is None:
            yield f"no words for step {result['step_id']}"
            return
        given = result.get("description_placeholders")
        for name in ("title", "description"):
            yield from unfilled(words.get(name, ""), given, f"{result['step_id']}.{name}")
        if kind is FlowResultType.FORM:
            yield from missing_in_form(result, words, root)
        else:
            yield from missing_in_menu(result, words)
    elif kind is FlowResultType.SHOW_PROGRESS:
        yield from missing_in_progress(result, root)
    elif kind is FlowResultType.ABORT:
        yield from missing_in_abort(result, root)


def missing_in_exception(error: HomeAssistantError) -> Problems:
    """Yield what is missing in the words for an exception of ours."""
    if error.translation_domain == DOMAIN:
        words = TEXTS["exceptions"].get(error.translation_key)
        if words is None:
            yield f"no words for exception {error.translation_key}"
        else:
            yield from unfilled(words["message"], error.translation_placeholders, f"{error.translation_key}")


def missing_in_issue(key: str, given: Mapping[str, str] | None) -> Problems:
    """Yield what is missing in the words for an issue."""
    words = TEXTS["issues"].get(key)
    if words is None:
        yield f"no words for issue {key}"
        return
    for name in ("title", "description"):
        yield from unfilled(words.get(name, ""), given, f"issue {key}.{name}")


def send_to_browser(manager: FlowManager[Any, Any, Any], result: Any) -> None:
    """Write out what a flow shows as the browser gets it; raises if that cannot be."""
    if result["type"] in {FlowResultType.FORM, FlowResultType.MENU}:
        json_dumps(FlowManagerIndexView(manager)._prepare_result_json(result))


def _root_of(flow: FlowHandler[Any, Any, Any]) -> tuple[Mapping[str, Any] | None, Mapping[str, str]]:
    """Return the words of a flow of ours, and the placeholders that its frame fills in."""
    if isinstance(flow, OptionsFlow):
        return (TEXTS["options"] if flow.config_entry.domain == DOMAIN else None), {}
    if flow.handler != DOMAIN:
        return None, {}
    # In the context since 2026.10.
    issue_id = flow.context.get("issue_id") or getattr(flow, "issue_id", "")
    issue = ir.async_get(flow.hass).async_get_issue(DOMAIN, issue_id)
    if issue is None:
        return TEXTS["config"], {}
    return TEXTS["issues"][issue.translation_key]["fix_flow"], issue.translation_placeholders or {}


@pytest.fixture(autouse=True)
def every_text_exists(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail the test if anything was shown that has no words."""
    problems: list[str] = []
    handle_step, call = FlowManager._async_handle_step, ServiceRegistry.async_call
    create_issue = ir.IssueRegistry.async_get_or_create

    async def watched_step(self: Any, flow: Any, *args: Any, **kwargs: Any) -> Any:
        root, framed = _root_of(flow)  # before the step, which may solve the issue
        result = await handle_step(self, flow, *args, **kwargs)
        if root is not None:
            send_to_browser(self, result)
            given = {**framed, **(result.get("description_placeholders") or {})}
            problems.extend(missing_in_flow({**result, "description_placeholders": given}, root))
        return result

    async def watched_call(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return await call(self, *args, **kwargs)
        except HomeAssistantError as error:
            problems.extend(missing_in_exception(error))
            raise

    def watched_issue(self: Any, domain: str, issue_id: str, **kwargs: Any) -> Any:
        if domain == DOMAIN:
            problems.extend(missing_in_issue(kwargs["translation_key"], kwargs["translation_placeholders"]))
        return create_issue(self, domain, issue_id, **kwargs)

    monkeypatch.setattr(FlowManager, "_async_handle_step", watched_step)
    monkeypatch.setattr(ServiceRegistry, "async_call", watched_call)
    monkeypatch.setattr(ir.IssueRegistry, "async_get_or_create", watched_issue)
    yield
    assert problems == []
