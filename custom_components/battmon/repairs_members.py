"""Repairs of virtual batteries: a member that is gone, a battery that is new."""

from typing import Any

from homeassistant.components.repairs import FlowType, RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntry

from .flow_members import FEWEST_MEMBERS
from .flow_virtual_forms import told
from .model.packs.checks import Difference
from .sources.pack_settings import (
    CONF_AUXILIARY,
    CONF_EXCLUDED,
    CONF_MEMBERS,
    CONF_PRIMARY,
    CONF_QUANTITIES,
)
from .virtual_facts import all_batteries, facts_of, members_in

REASONS = {"members": "choose_members", "sources": "choose_sources"}
"""What is said when the options open, which begin with their menu: where in it to go on."""
PARTS = (CONF_QUANTITIES, CONF_PRIMARY, CONF_AUXILIARY)
"""Options that say something of batteries by key."""


class MemberRepair(RepairsFlow):
    """Is about one virtual battery and one other."""

    def __init__(self, entry_id: str, key: str) -> None:
        super().__init__()
        self._entry_id = entry_id
        self._key = key

    @property
    def _entry(self) -> ConfigEntry | None:
        """The virtual battery, `None` if it was removed while the dialog was open."""
        return self.hass.config_entries.async_get_entry(self._entry_id)

    def _change(self, **changes: Any) -> RepairsFlowResult:
        """Save and let the virtual battery begin anew with it."""
        if (entry := self._entry) is not None:
            options = {**entry.options, **changes}
            self.hass.config_entries.async_update_entry(entry, options=options)
            self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return self.async_create_entry(data={})


class MemberGoneFlow(MemberRepair):
    """A member, or another source, was removed for good."""

    async def async_step_init(self, user_input: None = None) -> RepairsFlowResult:
        """Ask what takes its place."""
        return self.async_show_menu(
            step_id="init", menu_options=["choose", "leave_out"] if self._can_be_left_out else ["choose"]
        )

    async def async_step_choose(self, user_input: None = None) -> RepairsFlowResult:
        """Open the options where members, or sources, are chosen."""
        entry = self._entry
        if entry is None:
            return self.async_create_entry(data={})
        options = self.hass.config_entries.options
        menu = await options.async_init(entry.entry_id)
        step = "members" if self._key in members_in(entry.options) else "sources"
        await options.async_configure(menu["flow_id"], {"next_step_id": step})
        # The repair stays until something was chosen there.
        return self.async_abort(reason=REASONS[step], next_flow=(FlowType.OPTIONS_FLOW, menu["flow_id"]))

    async def async_step_leave_out(self, user_input: None = None) -> RepairsFlowResult:
        """Go on without it."""
        options = {} if self._entry is None else self._entry.options
        return self._change(
            **{CONF_MEMBERS: [key for key in members_in(options) if key != self._key]},
            **{part: _without(self._key, options[part]) for part in PARTS if part in options},
        )

    @property
    def _can_be_left_out(self) -> bool:
        members = [] if self._entry is None else members_in(self._entry.options)
        return self._key not in members or len(members) > FEWEST_MEMBERS


class NewBatteryFlow(MemberRepair):
    """A virtual battery of all batteries but some has not heard of this one yet."""

    async def async_step_init(self, user_input: None = None) -> RepairsFlowResult:
        """Ask whether it is a part, and tell what it is beside those that are."""
        keys = [self._key, *members_in({} if self._entry is None else self._entry.options)]
        facts = facts_of(self.hass, keys)
        return self.async_show_menu(
            step_id="init",
            menu_options=["take_in", "leave_out"],
            description_placeholders={
                "cells": told(Difference.CELLS, facts) or "?",
                "chemistry": told(Difference.CHEMISTRY, facts) or "?",
                "voltage": told(Difference.VOLTAGE, facts) or "?",
            },
        )

    async def async_step_take_in(self, user_input: None = None) -> RepairsFlowResult:
        """Make it a member."""
        if self._entry is None or self._key not in all_batteries(self.hass):
            return self.async_create_entry(data={})
        return self._change(**{CONF_MEMBERS: [*members_in(self._entry.options), self._key]})

    async def async_step_leave_out(self, user_input: None = None) -> RepairsFlowResult:
        """Remember that it is none."""
        options = {} if self._entry is None else self._entry.options
        return self._change(**{CONF_EXCLUDED: [*options.get(CONF_EXCLUDED, ()), self._key]})


def _without(key: str, stored: dict[str, list[str]]) -> dict[str, list[str]]:
    return {other: names for other, names in stored.items() if other != key}
