"""Actions: what automations can do with a battery."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import voluptuous as vol

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import ATTR_DEVICE_ID
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import device_registry as dr
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonValueType

from .actions_cells import get_cells
from .actions_push import FIELDS as READING_FIELDS
from .actions_push import SERVICE_PUSH_READING, push_reading, says_something
from .commands import async_switch
from .const import (
    CONF_DURATION,
    CONF_FIELDS,
    CONF_FORCE,
    CONF_LEVEL,
    CONF_SIDE,
    CONF_SINCE,
    CONF_STATE_OF_CHARGE,
    DEFAULT_DRILL,
    DOMAIN,
    LONGEST_DRILL,
    SERVICE_FAILSAFE_DRILL,
    SERVICE_GET_CELLS,
    SERVICE_GET_SAMPLES,
    SERVICE_RESET_COUNTERS,
    SERVICE_RESET_FAILSAFE,
    SERVICE_SET_STATE_OF_CHARGE,
    SERVICE_SET_SWITCHES,
)
from .coordinator import BattmonCoordinator
from .failsafe_words import failsafe_in_words
from .model.estimation import charge
from .model.failsafe.levels import Level, Side
from .model.flight_recorder import FIELDS
from .model.switching import Wanted

LEVELS = {level.key: level for level in (Level.UNHEALTHY, Level.LOW, Level.CRITICAL)}
SIDES = tuple(side.value for side in Side)
PERCENT = vol.All(vol.Coerce(float), vol.Range(0, 100))
DRILL_TIME = vol.All(cv.positive_time_period, vol.Range(timedelta(seconds=1), LONGEST_DRILL))

type Data = Mapping[str, Any]


class Action(NamedTuple):
    """One action on one battery."""

    fields: Mapping[vol.Marker, Any]
    carry_out: Callable[[BattmonCoordinator, Data], Awaitable[ServiceResponse]]
    response: SupportsResponse = SupportsResponse.OPTIONAL
    check: Callable[[Any], Any] | None = None


async def _set_switches(coordinator: BattmonCoordinator, data: Data) -> None:
    wanted = Wanted(**{name: data.get(name) for name in Wanted._fields})
    await async_switch(coordinator, wanted, force=data[CONF_FORCE])


async def _reset_failsafe(coordinator: BattmonCoordinator, _data: Data) -> ServiceResponse:
    coordinator.watch.reset_failsafe()
    return failsafe_in_words(coordinator.state.failsafe)


async def _drill(coordinator: BattmonCoordinator, data: Data) -> ServiceResponse:
    duration: timedelta = data[CONF_DURATION]
    coordinator.watch.start_drill(LEVELS[data[CONF_LEVEL]], Side(data[CONF_SIDE]), duration.total_seconds())
    ends_at = dt_util.utcnow() + duration
    return {**failsafe_in_words(coordinator.state.failsafe), "ends_at": ends_at.isoformat()}


async def _set_state_of_charge(coordinator: BattmonCoordinator, data: Data) -> ServiceResponse:
    if not coordinator.watch.set_state_of_charge(data[CONF_STATE_OF_CHARGE]):
        raise ServiceValidationError(translation_domain=DOMAIN, translation_key="charge_not_counted")
    coordinator.sample_soon()
    await coordinator.knowledge.async_save()
    # Estimates are those of the last sample still.
    reading, counting = coordinator.state.reading, coordinator.state.estimators.charge
    assert reading is not None
    counted = charge.counted_state_of_charge(counting)
    remaining = charge.remaining_capacity(counting, reading, coordinator.pace.settings.battery)
    return {
        "state_of_charge": counted and counted.value,
        "uncertainty": counted and counted.uncertainty,
        "remaining_capacity": remaining,
    }


async def _reset_counters(coordinator: BattmonCoordinator, _data: Data) -> ServiceResponse:
    before = coordinator.state.estimators.counting
    coordinator.watch.reset_counters()
    await coordinator.knowledge.async_save()
    return {
        "before": {
            name: getattr(before, name) for name in ("energy_in", "energy_out", "charge_in", "charge_out")
        }
    }


async def _get_samples(coordinator: BattmonCoordinator, data: Data) -> ServiceResponse:
    since: datetime | None = data.get(CONF_SINCE)
    samples: list[JsonValueType] = list(
        coordinator.watch.recorder.samples(
            None if since is None else dt_util.as_utc(since), data.get(CONF_FIELDS)
        )
    )
    return {"samples": samples}


ACTIONS = {
    SERVICE_SET_SWITCHES: Action(
        {
            **{vol.Optional(switch): cv.boolean for switch in Wanted._fields},
            vol.Optional(CONF_FORCE, default=False): cv.boolean,
        },
        _set_switches,
        SupportsResponse.NONE,
        cv.has_at_least_one_key(*Wanted._fields),
    ),
    SERVICE_RESET_FAILSAFE: Action({}, _reset_failsafe),
    SERVICE_FAILSAFE_DRILL: Action(
        {
            vol.Required(CONF_LEVEL): vol.In(LEVELS),
            vol.Optional(CONF_SIDE, default=Side.DISCHARGE.value): vol.In(SIDES),
            vol.Optional(CONF_DURATION, default=DEFAULT_DRILL): DRILL_TIME,
        },
        _drill,
    ),
    SERVICE_SET_STATE_OF_CHARGE: Action({vol.Required(CONF_STATE_OF_CHARGE): PERCENT}, _set_state_of_charge),
    SERVICE_RESET_COUNTERS: Action({}, _reset_counters),
    SERVICE_GET_SAMPLES: Action(
        {
            vol.Optional(CONF_SINCE): cv.datetime,
            vol.Optional(CONF_FIELDS): vol.All(cv.ensure_list, [vol.In(FIELDS)]),
        },
        _get_samples,
        SupportsResponse.ONLY,
    ),
    SERVICE_GET_CELLS: Action({}, get_cells, SupportsResponse.ONLY),
    SERVICE_PUSH_READING: Action(READING_FIELDS, push_reading, check=says_something),
}


@callback
def async_register_actions(hass: HomeAssistant) -> None:
    """Register the actions once, whether or not a battery is loaded."""
    for name, action in ACTIONS.items():
        hass.services.async_register(
            DOMAIN, name, _handler(hass, action), schema=_schema(action), supports_response=action.response
        )


def _schema(action: Action) -> vol.Schema:
    fields = {vol.Required(ATTR_DEVICE_ID): cv.string, **action.fields}
    return vol.Schema(fields if action.check is None else vol.All(fields, action.check))


def _handler(
    hass: HomeAssistant, action: Action
) -> Callable[[ServiceCall], Coroutine[Any, Any, ServiceResponse]]:
    async def handle(call: ServiceCall) -> ServiceResponse:
        coordinator = _coordinator_of(hass, call.data[ATTR_DEVICE_ID])
        return await action.carry_out(coordinator, call.data)

    return handle


def _coordinator_of(hass: HomeAssistant, device_id: str) -> BattmonCoordinator:
    device = dr.async_get(hass).async_get(device_id)
    entry = device and hass.config_entries.async_get_entry(device.config_entry_id)
    if entry and entry.domain == DOMAIN and entry.state is ConfigEntryState.LOADED:
        coordinator: BattmonCoordinator = entry.runtime_data
        return coordinator
    raise ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="not_a_battery",
        translation_placeholders={"device": device_id},
    )
