"""Whether a vehicle is in use, as an entity says: disarmed, nothing is judged."""

from collections.abc import Callable

from homeassistant.const import STATE_OFF
from homeassistant.core import CALLBACK_TYPE, Event, EventStateChangedData, HomeAssistant, State, callback
from homeassistant.helpers.event import async_track_state_change_event


@callback
def async_follow_armed(hass: HomeAssistant, entity_id: str, tell: Callable[[bool], None]) -> CALLBACK_TYPE:
    """Call `tell` with whether the vehicle is armed, now and whenever that changes.

    What is not known is armed: a battery that is not judged by mistake does more harm.
    """

    @callback
    def changed(event: Event[EventStateChangedData]) -> None:
        tell(_is_armed(event.data["new_state"]))

    tell(_is_armed(hass.states.get(entity_id)))
    return async_track_state_change_event(hass, entity_id, changed)


def _is_armed(state: State | None) -> bool:
    return state is None or state.state != STATE_OFF
