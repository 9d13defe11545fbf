"""Choosing the members of a virtual battery, the same for a new one as for one that is there."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, NamedTuple

from homeassistant.config_entries import ConfigEntry, ConfigEntryBaseFlow, ConfigFlowResult
from homeassistant.helpers.translation import async_get_translations

from .all_but import newcomers
from .const import CONF_BATTERY_KEY, DOMAIN
from .flow_virtual_forms import (
    ACCEPT_TWICE,
    SECTION_ALL,
    SchemaOf,
    differences_schema,
    flat,
    told,
)
from .model.packs.checks import closes_a_circle, counted_twice, differences
from .model.packs.settings import Arrangement
from .sources.pack_settings import (
    CONF_ALL_BUT,
    CONF_AUXILIARY,
    CONF_EXCLUDED,
    CONF_MEMBER_NAMES,
    CONF_MEMBERS,
    CONF_PRIMARY,
    CONF_QUANTITIES,
)
from .virtual_facts import (
    all_batteries,
    facts_of,
    is_virtual,
    labels,
    members_in,
    members_of_all,
    names_of,
    taken_by_all,
)

FEWEST_MEMBERS = 2
FAULT_ERRORS = {
    "removed": "member_removed",
    "twice": "listed_twice",
    "excluded": "member_excluded",
    "circle": "circle",
    "few": "too_few_members",
}
DISABLED = f"component.{DOMAIN}.common.disabled_battery"


class Choice(NamedTuple):
    """Which batteries are to be members. Keys."""

    members: tuple[str, ...] = ()
    all_but: bool = False
    excluded: tuple[str, ...] = ()

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Choice:
        """Read options, or what a form was filled in with."""
        all_but = bool(options.get(CONF_ALL_BUT))
        excluded = options.get(CONF_EXCLUDED, ()) if all_but else ()
        return cls(tuple(members_in(options)), all_but, tuple(excluded))

    @property
    def as_options(self) -> dict[str, Any]:
        """The options that say it."""
        found: dict[str, Any] = {CONF_MEMBERS: list(self.members)}
        return found | {CONF_ALL_BUT: True, CONF_EXCLUDED: list(self.excluded)} if self.all_but else found


class Wrong(NamedTuple):
    """Why a choice is refused."""

    place: str
    """The field, or the section, that tells it."""
    fault: str
    member: str = ""
    """Key of who is to blame."""


MEMBER_FIELDS = frozenset({CONF_MEMBERS, CONF_ALL_BUT, CONF_EXCLUDED})


class MemberSteps(ConfigEntryBaseFlow):
    """Asks for members, refuses what cannot be and tells what they do not have in common."""

    _arrangement = Arrangement.SERIES
    _choice = Choice()
    """What was chosen, once nothing is wrong with it."""
    _chosen_in = ""
    """The step whose form asked for it."""
    _filled_in: Mapping[str, Any] = {}
    _offered: Mapping[str, str] = {}
    """Battery key to label of all that were ever offered: who is gone is still called by its name."""
    _twice: str | None = None

    @property
    @abstractmethod
    def _edited(self) -> ConfigEntry | None:
        """The virtual battery that is changed, `None` for a new one."""

    @abstractmethod
    async def _go_on_with_members(self) -> ConfigFlowResult:
        """Go on with what was chosen."""

    async def async_step_differences(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Tell what members do not have in common; what is not accepted leads back to the choice."""
        if user_input is not None:
            return await (self._go_on_with_members() if all(user_input.values()) else self._choose_again())
        members = facts_of(self.hass, self._choice.members)
        found = {str(kind): told(kind, members) for kind in differences(self._arrangement, members)}
        if self._twice is not None:
            found[ACCEPT_TWICE] = all_batteries(self.hass)[self._twice].title
        return self.async_show_form(
            step_id="differences", data_schema=differences_schema(found), description_placeholders=found
        )

    async def _ask_for_members(
        self, step_id: str, schema_of: SchemaOf, user_input: Mapping[str, Any] | None
    ) -> ConfigFlowResult:
        errors: dict[str, str] = {}
        wrong = None
        if user_input is not None:
            self._chosen_in, self._filled_in = step_id, user_input
            self._choice = self._completed(Choice.of(flat(user_input)))
            if (wrong := self._what_is_wrong()) is None:
                return await self._tell_differences()
            errors = {wrong.place: FAULT_ERRORS[wrong.fault]}
        shown = self._filled_in or self._present()
        self._offered = {**self._offered, **await self._labels()}
        schema = schema_of({key: label for key, label in self._offered.items() if self._can_be_offered(key)})
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, self._without_lost(shown)),
            errors=errors,
            description_placeholders={"member": "" if wrong is None else self._label(wrong.member)},
        )

    async def _choose_again(self) -> ConfigFlowResult:
        result: ConfigFlowResult = await getattr(self, f"async_step_{self._chosen_in}")()
        return result

    async def _tell_differences(self) -> ConfigFlowResult:
        """Tell what is new about the members: what was accepted once is not asked again."""
        members = self._choice.members
        if set(members) <= set(Choice.of(self._options_now).members):
            return await self._go_on_with_members()
        self._twice = counted_twice(members_of_all(self.hass), members)
        if self._twice is None and not differences(self._arrangement, facts_of(self.hass, members)):
            return await self._go_on_with_members()
        return await self.async_step_differences()

    @property
    def _options_now(self) -> Mapping[str, Any]:
        return {} if self._edited is None else self._edited.options

    def _with_members(self) -> dict[str, Any]:
        """Return the options as they are with the members that were chosen."""
        kept = {key: value for key, value in self._options_now.items() if key not in MEMBER_FIELDS}
        options = {**kept, **self._choice.as_options}
        if CONF_QUANTITIES in options:
            only = options[CONF_QUANTITIES].items()
            options[CONF_QUANTITIES] = {key: names for key, names in only if key in self._choice.members}
        return {**options, CONF_MEMBER_NAMES: names_of(self.hass, options)}

    def _completed(self, choice: Choice) -> Choice:
        """Return a choice with what "all but" means: who is not named is in, who was taken out stays out."""
        if not choice.all_but:
            return choice
        before = Choice.of(self._options_now)
        if before.all_but:
            there = all_batteries(self.hass)
            taken_out = [
                key
                for key in before.members
                if key in there and key not in {*choice.members, *choice.excluded}
            ]
            return choice._replace(excluded=(*choice.excluded, *taken_out))
        new = newcomers(self.hass, (*choice.members, *self._sources()), choice.excluded)
        return choice._replace(members=(*choice.members, *new))

    def _what_is_wrong(self) -> Wrong | None:
        members, there = self._choice.members, all_batteries(self.hass)
        for key in members:
            if key not in there:
                return Wrong(CONF_MEMBERS, "removed", key)
            if members.count(key) > 1:
                return Wrong(CONF_MEMBERS, "twice", key)
            if key in self._choice.excluded:
                return Wrong(SECTION_ALL, "excluded", key)
            if self._closes_a_circle(key):
                return Wrong(CONF_MEMBERS, "circle", key)
        return Wrong(CONF_MEMBERS, "few") if len(members) < FEWEST_MEMBERS else None

    def _closes_a_circle(self, key: str) -> bool:
        entry = self._edited
        return entry is not None and closes_a_circle(
            taken_by_all(self.hass), entry.data[CONF_BATTERY_KEY], key
        )

    def _sources(self) -> set[str]:
        """Return the batteries that something else is taken from: they are no members."""
        return {*self._options_now.get(CONF_PRIMARY, {}), *self._options_now.get(CONF_AUXILIARY, {})}

    def _can_be_offered(self, key: str) -> bool:
        own = None if self._edited is None else self._edited.data[CONF_BATTERY_KEY]
        return key in all_batteries(self.hass) and key != own and key not in self._sources()

    async def _labels(self) -> dict[str, str]:
        """Return what batteries are called in a form, real ones first."""
        batteries = all_batteries(self.hass)
        found = labels(self.hass, sorted(batteries, key=lambda key: is_virtual(batteries[key])))
        words = await async_get_translations(self.hass, self.hass.config.language, "common", {DOMAIN})
        return {
            key: label if batteries[key].disabled_by is None else words[DISABLED].format(name=label)
            for key, label in found.items()
        }

    def _label(self, key: str) -> str:
        return self._offered.get(key, key)

    def _present(self) -> dict[str, Any]:
        choice = Choice.of(self._options_now)
        return {
            CONF_MEMBERS: list(choice.members),
            SECTION_ALL: {CONF_ALL_BUT: choice.all_but, CONF_EXCLUDED: list(choice.excluded)},
        }

    def _without_lost(self, shown: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a form shows without what it cannot offer: it would be refused as it is."""
        inner = shown.get(SECTION_ALL, {})
        return {
            **shown,
            CONF_MEMBERS: self._still_there(shown.get(CONF_MEMBERS, ())),
            SECTION_ALL: {**inner, CONF_EXCLUDED: self._still_there(inner.get(CONF_EXCLUDED, ()))},
        }

    def _still_there(self, keys: Any) -> list[str]:
        return [key for key in keys if self._can_be_offered(key)]
