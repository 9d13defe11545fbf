"""Home Assistant's entities as a battery: which they are, and what they say."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, override

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigEntryBaseFlow,
    ConfigFlowResult,
)

from .flow_entities_forms import (
    FIELDS,
    PROBLEMS,
    Complaint,
    as_options,
    as_values,
    complaints,
    entities_schema,
    flat,
    nested,
)
from .flow_forms import suggested_name
from .flow_found import battery_schema
from .flow_named import NamedSteps
from .flow_words import described, words_of
from .sources.entities import EntitySource
from .sources.entity_reading import reading_of
from .sources.entity_settings import EntitySettings
from .sources.settings import CONF_KIND, KIND_ENTITIES


class EntitySteps(ConfigEntryBaseFlow):
    """Asks for entities until they make a battery."""

    async def async_step_entities(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask which entities the battery is made of."""
        found: list[Complaint] = []
        values = as_values(self.hass, self._made_of) if user_input is None else flat(user_input)
        if user_input is not None:
            found = list(complaints(self.hass, values, self._changed_entry))
            if not found:
                return await self._take_entities(as_options(self.hass, values))
        errors = {one.place: PROBLEMS[one.problem] for one in reversed(found)}
        return self.async_show_form(
            step_id="entities",
            data_schema=self.add_suggested_values_to_schema(entities_schema(errors), nested(values)),
            errors=errors,
            description_placeholders={"detail": _details(found)},
        )

    @property
    @abstractmethod
    def _changed_entry(self) -> ConfigEntry | None:
        """The battery that is there, which must not be made of itself; a new one cannot be."""

    @property
    @abstractmethod
    def _made_of(self) -> Mapping[str, Any]:
        """The options about entities, as they are."""

    @abstractmethod
    async def _take_entities(self, made_of: dict[str, Any]) -> ConfigFlowResult:
        """Go on with options that make a battery."""


def _details(found: list[Complaint]) -> str:
    return ", ".join(dict.fromkeys(one.detail for one in found if one.detail)) or "-"


class NewEntities(EntitySteps, NamedSteps):
    """Adds a battery made of entities, or changes which they are."""

    _entities: Mapping[str, Any] = {}
    """The options about those that were chosen."""

    async def async_step_entities_found(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show what the entities say, and ask for a name and for what thresholds depend on."""
        source = EntitySource(self.hass, EntitySettings.of(self._entities), "")
        fingerprint = source.fingerprint
        assert fingerprint is not None
        if user_input is not None:
            return await self._take_name(user_input, suggested_name(fingerprint), fingerprint.cells)
        sample = source.sample()
        reading = reading_of(sample, source.settings)
        return self.async_show_form(
            step_id="entities_found",
            data_schema=battery_schema(fingerprint, reading),
            description_placeholders={
                **described(await words_of(self.hass), fingerprint, reading),
                "silent": ", ".join(sample.doubts) or "-",
            },
        )

    @property
    @override
    def _changed_entry(self) -> ConfigEntry | None:
        return self._get_reconfigure_entry() if self.source == SOURCE_RECONFIGURE else None

    @property
    @override
    def _made_of(self) -> Mapping[str, Any]:
        entry = self._changed_entry
        return self._entities if entry is None else entry.options

    @override
    async def _take_entities(self, made_of: dict[str, Any]) -> ConfigFlowResult:
        entry = self._changed_entry
        if entry is not None:
            others = {key: value for key, value in entry.options.items() if key not in FIELDS}
            return self.async_update_reload_and_abort(entry, options={**others, **made_of})
        self._entities = made_of
        self._data = {CONF_KIND: KIND_ENTITIES}
        return await self.async_step_entities_found()

    @override
    def _save_thresholds(self, thresholds: dict[str, Any]) -> ConfigFlowResult:
        return super()._save_thresholds({**self._entities, **thresholds})
