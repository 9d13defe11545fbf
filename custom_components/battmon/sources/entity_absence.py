"""A repair for entities that are gone for good: only a person can name others."""

from collections.abc import Sequence

from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers import issue_registry as ir

from .roster import DOMAIN, roster_of

ISSUE_ENTITY_GONE = "entity_gone"
PATIENCE = 60.0
"""Seconds for which an entity must be missing while Home Assistant runs: integrations reload."""


class Absence:
    """Raises the repair, and takes it back when all entities are there."""

    def __init__(self, hass: HomeAssistant, key: str) -> None:
        self._hass = hass
        self._key = key
        self._since: float | None = None
        self._told: Sequence[str] = ()

    def note(self, gone: Sequence[str]) -> None:
        """These references lead nowhere now."""
        now = self._hass.loop.time()
        if not gone or self._hass.state is not CoreState.running:
            self._since = None
            self._tell(())
        elif self._since is None:
            self._since = now
        elif now - self._since >= PATIENCE:
            self._tell(gone)

    def close(self) -> None:
        """What nobody watches any more is nobody's problem."""
        self._tell(())

    def _tell(self, gone: Sequence[str]) -> None:
        if gone == self._told:
            return
        entry = roster_of(self._hass).entry_of(self._key)
        if entry is None:
            return
        self._told = gone
        issue_id = f"{ISSUE_ENTITY_GONE}_{entry.entry_id}"
        if not gone:
            ir.async_delete_issue(self._hass, DOMAIN, issue_id)
            return
        chosen = {ref: name for name, ref in entry.options.get("registry_ids", {}).items()}
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            issue_id,
            is_fixable=True,
            is_persistent=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key=ISSUE_ENTITY_GONE,
            translation_placeholders={
                "name": entry.title,
                "entities": ", ".join(chosen.get(ref, ref) for ref in gone),
            },
            data={"entry_id": entry.entry_id},
        )
