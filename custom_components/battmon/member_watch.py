"""Repairs about members of virtual batteries: gone for good, or there and nobody has decided about them."""

from collections.abc import Iterator
from typing import NamedTuple

from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntry, ConfigEntryChange
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.util.hass_dict import HassKey

from .all_but import to_be_asked_about
from .const import DOMAIN, ISSUE_MEMBER_GONE, ISSUE_NEW_BATTERY
from .sources import roster_of
from .sources.pack_settings import CONF_MEMBER_NAMES
from .virtual_facts import all_batteries, is_virtual, names_of, taken_in

SEVERITIES = {
    ISSUE_MEMBER_GONE: ir.IssueSeverity.ERROR,
    ISSUE_NEW_BATTERY: ir.IssueSeverity.WARNING,
}
"""Of all that people are asked about here."""

WATCH: HassKey[MemberWatch] = HassKey("battmon_member_watch")


class Asked(NamedTuple):
    """One question to a person: about one virtual battery and one other."""

    issue: str
    entry_id: str
    key: str
    name: str
    """Of the virtual battery."""
    member: str
    """What the other one is or was called."""

    @property
    def issue_id(self) -> str:
        """The id of the repair."""
        return f"{self.issue}_{self.entry_id}_{self.key}"


class MemberWatch:
    """Looks whenever an entry comes, goes or changes: what is asked follows from what is there."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._due = False
        async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._changed)

    @callback
    def look_soon(self) -> None:
        """Look once all is done that happens now: many entries change at a start."""
        if not self._due:
            self._due = True
            self._hass.loop.call_soon(self._look)

    @callback
    def _changed(self, _change: ConfigEntryChange, entry: ConfigEntry) -> None:
        if entry.domain == DOMAIN:
            self.look_soon()

    @callback
    def _look(self) -> None:
        self._due = False
        hass = self._hass
        virtual = [entry for entry in all_batteries(hass).values() if is_virtual(entry)]
        for entry in virtual:
            self._keep_names(entry)
        wanted = {asked.issue_id: asked for entry in virtual for asked in _questions(hass, entry)}
        for issue in [*ir.async_get(hass).issues.values()]:
            if _is_ours(issue) and issue.issue_id not in wanted:
                ir.async_delete_issue(hass, DOMAIN, issue.issue_id)
        for asked in wanted.values():
            _ask(hass, asked)

    def _keep_names(self, entry: ConfigEntry) -> None:
        """Remember what members are called now: one that is gone is asked about by its name."""
        names = names_of(self._hass, entry.options)
        roster_of(self._hass).know_names(names)
        if names != entry.options.get(CONF_MEMBER_NAMES, {}):
            options = {**entry.options, CONF_MEMBER_NAMES: names}
            self._hass.config_entries.async_update_entry(entry, options=options)


@callback
def async_watch_members(hass: HomeAssistant) -> None:
    """Begin to watch, and look whether something is to be asked already."""
    hass.data[WATCH] = MemberWatch(hass)
    hass.data[WATCH].look_soon()


def _questions(hass: HomeAssistant, entry: ConfigEntry) -> Iterator[Asked]:
    """Yield what is to be asked about one virtual battery; nothing about one that is disabled."""
    if entry.disabled_by is not None:
        return
    there, names = all_batteries(hass), names_of(hass, entry.options)
    for key in taken_in(entry.options):
        if key not in there:
            yield Asked(ISSUE_MEMBER_GONE, entry.entry_id, key, entry.title, names[key])
    for key in to_be_asked_about(hass, entry):
        yield Asked(ISSUE_NEW_BATTERY, entry.entry_id, key, entry.title, there[key].title)


def _is_ours(issue: ir.IssueEntry) -> bool:
    # One that is no longer active stands only in the registry, with nothing but its id.
    return issue.domain == DOMAIN and issue.active and issue.translation_key in SEVERITIES


def _ask(hass: HomeAssistant, asked: Asked) -> None:
    ir.async_create_issue(
        hass,
        DOMAIN,
        asked.issue_id,
        is_fixable=True,
        is_persistent=False,
        severity=SEVERITIES[asked.issue],
        translation_key=asked.issue,
        translation_placeholders={"name": asked.name, "member": asked.member},
        data={"entry_id": asked.entry_id, "battery_key": asked.key},
    )
