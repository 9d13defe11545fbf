"""Every step, field, choice, error and end of a flow has its words, and there are no others."""

import ast
import re
from pathlib import Path

import pytest

from custom_components.battmon.flow_forms import BLUETOOTH_ERRORS, MISFITS
from custom_components.battmon.judgement_options import NUMBERS
from custom_components.battmon.protocols.bus import Misfit
from homeassistant.components import homeassistant as homeassistant_component

from .flow_keys import Flow, Part, flows
from .product import MODULES, Module, Tree, load_json
from .translation_keys import called, calls_in, issues, strings_in, value_of
from .words import EN, leaves, part, placeholders

FLOWS = flows()
HOME_ASSISTANTS_OWN: Tree = load_json(
    Path(homeassistant_component.__file__).with_name("translations") / "en.json"
)


def issue_of(flow: Flow) -> str:
    """Return the key of the issue that a flow repairs: it bears the same name."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", flow.name.removesuffix("Flow")).lower()


def words_of(flow: Flow) -> Tree:
    """Return the part of the translations that a flow shows."""
    if flow.kind == "fix_flow":
        repaired: Tree = EN["issues"][issue_of(flow)]["fix_flow"]
        return repaired
    words: Tree = EN[flow.kind]
    return words


def name_of(flow: Flow) -> str:
    """Name a test after a flow."""
    return flow.name


def test_there_are_flows() -> None:
    assert {flow.kind for flow in FLOWS} >= {"config", "options"}


@pytest.mark.parametrize("flow", FLOWS, ids=name_of)
def test_every_step_that_is_shown_has_words_and_no_other(flow: Flow) -> None:
    steps = part(words_of(flow), "step")
    assert set(steps) == flow.shown
    assert flow.shown <= flow.steps
    assert {step for step in flow.steps if flow.fields(step)} <= flow.shown
    assert [step for step, words in steps.items() if "title" not in words] == []


@pytest.mark.parametrize("flow", FLOWS, ids=name_of)
def test_every_field_has_a_name_and_a_description_and_no_other(flow: Flow) -> None:
    for step, words in part(words_of(flow), "step").items():
        sections = words.get("sections", {})
        fields = flow.fields(step)
        for chapter in ("data", "data_description"):
            there = {(None, name) for name in words.get(chapter, {})}
            there |= {(name, field) for name, one in sections.items() for field in one.get(chapter, {})}
            assert there == fields, (step, chapter)
        assert {name for name, one in sections.items() if "name" not in one} == set(), step


@pytest.mark.parametrize("flow", FLOWS, ids=name_of)
def test_every_choice_of_a_menu_has_words_and_leads_to_a_step(flow: Flow) -> None:
    steps = part(words_of(flow), "step")
    there = {step: set(words["menu_options"]) for step, words in steps.items() if "menu_options" in words}
    explained = {
        step: set(words.get("menu_option_descriptions", there[step]))
        for step, words in steps.items()
        if step in there
    }
    assert there == explained == flow.menus
    assert all(options <= flow.steps for options in there.values())


@pytest.mark.parametrize("flow", FLOWS, ids=name_of)
def test_everything_to_wait_for_has_words_and_no_other(flow: Flow) -> None:
    assert set(part(words_of(flow), "progress")) == flow.progress


@pytest.mark.parametrize("flow", FLOWS, ids=name_of)
def test_every_error_of_a_form_has_words_and_no_other(flow: Flow) -> None:
    assert set(part(words_of(flow), "error")) == flow.errors


@pytest.mark.parametrize("flow", FLOWS, ids=name_of)
def test_every_reason_to_abort_has_words_and_no_other(flow: Flow) -> None:
    there = part(words_of(flow), "abort").keys()
    assert flow.reasons - HOME_ASSISTANTS_OWN["config"]["abort"].keys() <= there
    assert there <= flow.reasons


@pytest.mark.parametrize("flow", FLOWS, ids=name_of)
def test_what_a_form_leaves_to_be_filled_in_is_in_the_code(flow: Flow) -> None:
    left = {name for _, text in leaves(words_of(flow)) for name in placeholders(text)}
    given = strings_in(*(module.tree for module in flow.modules))
    if flow.kind == "fix_flow":
        given |= {name for use in issues() for name in use.placeholders or ()}
    given |= set(NUMBERS)  # thresholds fill in what is said about themselves
    given |= {name for _, figures in misfits() for name in figures}
    assert left <= given


def misfits() -> list[tuple[str, frozenset[str]]]:
    """Return the errors of settings that do not fit, wherever they are raised, and what each fills in."""
    return [
        (MISFITS[misfit], frozenset(one.arg for one in call.keywords if one.arg is not None))
        for module in MODULES
        for call in calls_in(module.tree)
        if called(call) == "Unfit" and isinstance(misfit := value_of(call.args[0], module.imported()), Misfit)
    ]


def test_every_reason_why_settings_do_not_fit_is_raised() -> None:
    assert {error for error, _ in misfits()} == set(MISFITS.values())


@pytest.mark.parametrize(("error", "figures"), misfits())
def test_what_is_said_of_settings_that_do_not_fit_names_all_their_figures(
    error: str, figures: frozenset[str]
) -> None:
    assert placeholders(EN["config"]["error"][error]) - {"kind"} == figures


def reading(source: str) -> Module:
    """Return a module that says `source`, with the names of the forms."""
    flow = next(module for module in MODULES if module.parts == ("flow_forms",))
    return Module(flow.path, flow.parts, ast.parse(source))


def test_a_flow_is_read_with_its_sections_menus_errors_and_reasons() -> None:
    module = reading(
        """
LINE = vol.Schema({vol.Optional(CONF_BAUD_RATE): int})
SCHEMA = vol.Schema({vol.Required(CONF_DEVICE): str, vol.Optional("line"): section(LINE)})

class ABase(ConfigFlow):
    async def async_step_serial(self, user_input=None):
        return self.async_abort(reason="not_supported")

    def _form(self, step_id, schema):
        return self.async_show_form(step_id=step_id, data_schema=schema)

class AFlow(ABase):
    async def async_step_user(self, user_input=None):
        if user_input is None:
            return self.async_show_menu(step_id="user", menu_options=["serial"])
        if user_input == {}:
            return self.async_show_progress(step_id="wait", progress_action="scan")
        self._errors = {"base": "no_reply" if user_input else "bad_frame"}
        return self._form("serial", schema())

def schema():
    extended = SCHEMA.schema
    extended[vol.Optional(CONF_PASSWORD)] = str
    return extended
"""
    )
    *_, base, node, _ = module.tree.body
    assert isinstance(base, ast.ClassDef)
    assert isinstance(node, ast.ClassDef)
    flow = Flow("config", (Part(module, node), Part(module, base)))
    assert flow.shown == {"user", "wait", "serial"}
    assert flow.menus == {"user": {"serial"}}
    assert flow.progress == {"scan"}
    assert flow.fields("user") == {(None, "device"), (None, "password"), ("line", "baud_rate")}
    assert flow.fields("serial") == set()
    assert flow.errors == {"no_reply", "bad_frame"}
    assert flow.reasons == {"not_supported"}


def test_a_form_that_is_made_from_tables_is_read_with_its_sections() -> None:
    module = reading(
        """
class AFlow(ConfigFlow):
    async def async_step_user(self, user_input=None):
        self._errors = {"base": BLUETOOTH_ERRORS[kind] for kind in user_input}
        return self.async_show_form(step_id="user", data_schema=schema())

def schema():
    return vol.Schema(
        {vol.Optional(error): str for error in BLUETOOTH_ERRORS}
        | {
            vol.Required(error): section(vol.Schema({vol.Optional(shown): int}))
            for error, shown in BLUETOOTH_ERRORS.items()
        }
    )
"""
    )
    *_, node, _ = module.tree.body
    assert isinstance(node, ast.ClassDef)
    flow = Flow("config", (Part(module, node),))
    alone = {(None, error) for error in BLUETOOTH_ERRORS}
    assert flow.fields("user") == alone | set(BLUETOOTH_ERRORS.items())
    assert flow.errors == set(BLUETOOTH_ERRORS.values())
