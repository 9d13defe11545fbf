"""A battery was read: it is added, or it takes the place of an entry that knows it by another wire."""

from collections.abc import Mapping
from typing import Any, override

import voluptuous as vol

from homeassistant.config_entries import ConfigEntry, ConfigEntryState, ConfigFlowResult, FlowType
from homeassistant.const import CONF_NAME
from homeassistant.helpers.selector import TextSelector
from homeassistant.util.ulid import ulid_now

from .const import CONF_BATTERY_KEY, CONF_CELLS, CONF_CHEMISTRY, CONF_USE, DOMAIN
from .flow_chemistry import CHEMISTRY_SELECTOR, USE_SELECTOR, likely_chemistry
from .flow_forms import suggested_name
from .flow_judgement import ThresholdSteps, count_field, presets
from .flow_reading import ReadingSteps, kept, unique_id_of
from .flow_words import described, words_of
from .judgement_options import chemistry_in
from .memory import STORE
from .model.failsafe.settings import Use
from .model.identity import Fingerprint, difference
from .model.reading import Reading
from .sources.settings import CONF_WIRE

SAME_CYCLES = 2
"""How many cycles a battery may have gone through since it was last read over its other wire."""


def battery_schema(fingerprint: Fingerprint, reading: Reading) -> vol.Schema:
    """Return the form about a battery that is new; its number of cells only where it does not tell."""
    likely = likely_chemistry(fingerprint, reading)
    schema: dict[vol.Marker, Any] = {
        vol.Required(CONF_NAME, default=suggested_name(fingerprint)): TextSelector(),
        vol.Optional(CONF_CHEMISTRY, description={"suggested_value": likely}): CHEMISTRY_SELECTOR,
    }
    if not fingerprint.cells:
        schema[vol.Optional(CONF_CELLS)] = count_field(CONF_CELLS)
    schema[vol.Required(CONF_USE, default=Use.STATIONARY.value)] = USE_SELECTOR
    return vol.Schema(schema)


class FoundSteps(ReadingSteps, ThresholdSteps):
    """Ends a dialog that adds a battery."""

    _twin: ConfigEntry | None = None
    """The entry that probably has this battery already."""
    _title = ""
    """What the person calls it."""
    _options: Mapping[str, Any] = {}
    """What he said it is."""

    async def async_step_found(self, user_input: None = None) -> ConfigFlowResult:
        """Go on with a battery that was read: perhaps it is here already."""
        assert self._found is not None
        twins = self._twins_of(self._found[0])
        if not twins:
            return await self.async_step_battery()
        # Of several alike it is rather the one that does not answer where it used to.
        self._twin = min(twins, key=_is_in_sight)
        return await self.async_step_same_battery()

    async def async_step_same_battery(self, user_input: None = None) -> ConfigFlowResult:
        """Ask what to do about a battery that is probably here already."""
        assert self._found is not None
        assert self._twin is not None
        return self.async_show_menu(
            step_id="same_battery",
            menu_options=["replace", "keep_both"],
            description_placeholders={
                "name": self._twin.title,
                **described(await words_of(self.hass), *self._found),
            },
        )

    async def async_step_replace(self, user_input: None = None) -> ConfigFlowResult:
        """Let the entry that has this battery reach it over the new wire."""
        assert self._twin is not None
        self._abort_if_unique_id_configured()  # in another dialog, meanwhile
        unique_id = unique_id_of(self._data)
        await self._make_room(unique_id)
        return self.async_update_reload_and_abort(
            self._twin,
            unique_id=unique_id,
            data={**kept(self._twin), **self._data},
            reason="moved",
        )

    async def async_step_keep_both(self, user_input: None = None) -> ConfigFlowResult:
        """Add it as a battery of its own."""
        return await self.async_step_battery()

    async def async_step_battery(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show what was found and ask for a name and for what thresholds depend on."""
        assert self._found is not None
        fingerprint, reading = self._found
        if user_input is None:
            return self.async_show_form(
                step_id="battery",
                data_schema=battery_schema(fingerprint, reading),
                description_placeholders=described(await words_of(self.hass), fingerprint, reading),
            )
        self._title = user_input[CONF_NAME].strip() or suggested_name(fingerprint)
        self._options = {key: value for key, value in user_input.items() if key != CONF_NAME}
        if (chemistry := chemistry_in(user_input)) is None:
            return self._save_thresholds({})
        self._proposed = presets(chemistry, user_input.get(CONF_CELLS) or fingerprint.cells)
        return await self.async_step_thresholds()

    @override
    def _save_thresholds(self, thresholds: dict[str, Any]) -> ConfigFlowResult:
        self._abort_if_unique_id_configured()  # in another dialog, meanwhile
        return self.async_create_entry(
            title=self._title,
            data={CONF_BATTERY_KEY: ulid_now(), **self._data},
            options={**self._options, **thresholds},
            next_flow=self._next_flow(),
        )

    def _next_flow(self) -> tuple[FlowType, str] | None:
        """Return the dialog that follows, unless it was dismissed meanwhile."""
        there = {flow["flow_id"] for flow in self.hass.config_entries.flow.async_progress_by_handler(DOMAIN)}
        return (FlowType.CONFIG_FLOW, self._next_dialog) if self._next_dialog in there else None

    def _twins_of(self, found: Fingerprint) -> list[ConfigEntry]:
        """Return the entries of other wires that may have this battery. Two of a wire are two batteries."""
        entries = self.hass.config_entries.async_entries(DOMAIN, include_ignore=False, include_disabled=False)
        return [
            entry
            for entry in entries
            if entry.data.get(CONF_WIRE) not in (None, self._data[CONF_WIRE])
            and is_probably(self.hass.data[STORE].get(entry.data[CONF_BATTERY_KEY]).fingerprint, found)
        ]


def is_probably(known: Fingerprint | None, found: Fingerprint) -> bool:
    """Whether all that tells batteries without serial numbers apart is known, and the same."""
    if known is None or difference(known, found) is not None:
        return False
    if known.cycle_count is None or found.cycle_count is None:
        return False
    traits = _traits(known)
    return (
        None not in traits
        and traits == _traits(found)
        and found.cycle_count - known.cycle_count <= SAME_CYCLES
    )


def _traits(fingerprint: Fingerprint) -> tuple[object, ...]:
    return fingerprint.identity.model, fingerprint.identity.manufactured, fingerprint.cells


def _is_in_sight(entry: ConfigEntry) -> bool:
    return entry.state is ConfigEntryState.LOADED and bool(entry.runtime_data.state.healthy)
