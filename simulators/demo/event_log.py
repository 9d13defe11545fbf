"""What Home Assistant's bus said: every state that an entity has had since somebody listens."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .client import Answer


@dataclass(frozen=True)
class Said:
    """One state of one entity."""

    time: float
    """When it was heard, on the clock of `time.monotonic`."""
    state: str
    attributes: Mapping[str, Any]


class EventLog:
    """Writes down what it hears."""

    def __init__(self) -> None:
        self._said: dict[str, list[Said]] = {}

    def hear(self, state: Answer) -> None:
        """Take the new state of an entity."""
        said = Said(time.monotonic(), state["state"], state["attributes"])
        self._said.setdefault(state["entity_id"], []).append(said)

    def of(self, entity_id: str) -> list[Said]:
        """Return what was said of an entity, oldest first."""
        return list(self._said.get(entity_id, ()))

    def states(self, entity_id: str) -> list[str]:
        """Return the states of an entity as they followed each other."""
        states = [said.state for said in self.of(entity_id)]
        return [state for state, before in zip(states, [None, *states], strict=False) if state != before]

    def events(self, entity_id: str, *kinds: str) -> list[Said]:
        """Return the events of some kinds that an event entity told of."""
        return [said for said in self.of(entity_id) if said.attributes.get("event_type") in kinds]
