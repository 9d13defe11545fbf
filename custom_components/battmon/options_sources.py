"""Options of a virtual battery: from which batteries which quantities are taken."""

from collections.abc import Collection, Mapping
from typing import Any

import voluptuous as vol

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.helpers.selector import SelectSelector, SelectSelectorConfig, SelectSelectorMode

from .const import CONF_BATTERY_KEY
from .flow_members import FAULT_ERRORS, Wrong
from .flow_virtual_forms import Offered, battery_selector
from .model.packs.overlay import QUANTITIES
from .model.packs.settings import Arrangement
from .options_virtual import VirtualOptions
from .sources.pack_settings import CONF_AUXILIARY, CONF_MEMBER_NAMES, CONF_PRIMARY, CONF_QUANTITIES
from .virtual_facts import all_batteries, members_in, names_of

QUANTITIES_SELECTOR = SelectSelector(
    SelectSelectorConfig(
        options=[*QUANTITIES],
        multiple=True,
        translation_key="quantity",
        mode=SelectSelectorMode.DROPDOWN,
    )
)
QUANTITIES_SCHEMA = vol.Schema({vol.Optional(CONF_QUANTITIES): QUANTITIES_SELECTOR})
STEPS = {
    CONF_QUANTITIES: "member_quantities",
    CONF_PRIMARY: "primary_quantities",
    CONF_AUXILIARY: "auxiliary_quantities",
}
"""The step that asks what is taken from a battery of each part."""


def sources_schema(others: Offered) -> vol.Schema:
    """Return the form about the sources beside the members."""
    return vol.Schema(
        {
            vol.Optional(CONF_PRIMARY): battery_selector(others),
            vol.Optional(CONF_AUXILIARY): battery_selector(others),
        }
    )


def merged_sources_schema(members: Offered, others: Offered) -> vol.Schema:
    """Return the form about the sources of a merged battery, whose members may give only some quantities."""
    return vol.Schema(
        {vol.Optional(CONF_QUANTITIES): battery_selector(members), **sources_schema(others).schema}
    )


class SourceOptions(VirtualOptions):
    """Asks for sources first, and then for the quantities of one after the other."""

    _taken: Mapping[str, dict[str, list[str]]] = {}
    """Of each part: battery key to quantities, as they are to be saved."""
    _waiting: list[tuple[str, str]]
    """Parts and batteries whose quantities are still to be asked for."""

    async def async_step_sources(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask from which batteries something is taken that the members do not give."""
        errors: dict[str, str] = {}
        wrong = None
        if user_input is not None:
            if (wrong := self._wrong_in(user_input)) is None:
                return await self._ask_for_all_quantities(user_input)
            errors = {wrong.place: FAULT_ERRORS[wrong.fault]}
        self._offered = {**self._offered, **await self._labels()}
        others = self._offer(self._others())
        schema = sources_schema(others)
        if self._kind is Arrangement.MERGED:
            schema = merged_sources_schema(self._offer(members_in(self._options_now)), others)
        present = {part: list(self._options_now.get(part, {})) for part in STEPS}
        shown = {part: self._known(keys) for part, keys in (user_input or present).items()}
        return self.async_show_form(
            step_id="sources",
            data_schema=self.add_suggested_values_to_schema(schema, shown),
            errors=errors,
            description_placeholders={"member": "" if wrong is None else self._label(wrong.member)},
        )

    async def async_step_member_quantities(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask what is taken from one device of a merged battery."""
        return await self._ask_for_quantities("member_quantities", QUANTITIES_SCHEMA, user_input)

    async def async_step_primary_quantities(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask what a primary source replaces."""
        return await self._ask_for_quantities("primary_quantities", QUANTITIES_SCHEMA, user_input)

    async def async_step_auxiliary_quantities(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask which holes an auxiliary source fills."""
        return await self._ask_for_quantities("auxiliary_quantities", QUANTITIES_SCHEMA, user_input)

    async def _ask_for_all_quantities(self, user_input: Mapping[str, Any]) -> ConfigFlowResult:
        present = self._options_now
        chosen = {part: list(user_input.get(part, ())) for part in STEPS}
        self._taken = {
            part: {key: present.get(part, {}).get(key, []) for key in keys} for part, keys in chosen.items()
        }
        self._waiting = [(part, key) for part, keys in chosen.items() for key in keys]
        return await self._ask_for_next()

    async def _ask_for_next(self) -> ConfigFlowResult:
        if self._waiting:
            part, _key = self._waiting[0]
            result: ConfigFlowResult = await getattr(self, f"async_step_{STEPS[part]}")()
            return result
        others = {key: value for key, value in self._options_now.items() if key not in STEPS}
        options = {**others, **{part: taken for part, taken in self._taken.items() if taken}}
        return self._save_whole({**options, CONF_MEMBER_NAMES: names_of(self.hass, options)})

    async def _ask_for_quantities(
        self, step_id: str, schema: vol.Schema, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        part, key = self._waiting[0]
        if user_input is not None:
            self._taken[part][key] = list(dict.fromkeys(user_input.get(CONF_QUANTITIES, ())))
            del self._waiting[0]
            return await self._ask_for_next()
        known = [name for name in self._taken[part][key] if name in QUANTITIES]
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, {CONF_QUANTITIES: known}),
            description_placeholders={"member": self._label(key)},
        )

    def _others(self) -> list[str]:
        """Return the batteries that are no members."""
        own = self.config_entry.data[CONF_BATTERY_KEY]
        return [key for key in self._offered if key != own and key not in members_in(self._options_now)]

    def _known(self, keys: Collection[str]) -> list[str]:
        """Return those that are there: a battery may be removed while a form is open."""
        there = all_batteries(self.hass)
        return [key for key in keys if key in there]

    def _offer(self, keys: Collection[str]) -> dict[str, str]:
        return {key: self._offered[key] for key in self._known(keys)}

    def _wrong_in(self, user_input: Mapping[str, Any]) -> Wrong | None:
        there = all_batteries(self.hass)
        for part in STEPS:
            keys = list(user_input.get(part, ()))
            for key in keys:
                if key not in there:
                    return Wrong(part, "removed", key)
                if keys.count(key) > 1:
                    return Wrong(part, "twice", key)
                if self._closes_a_circle(key):
                    return Wrong(part, "circle", key)
        return None
