"""Names and times of the Home Assistant side."""

from datetime import timedelta
from typing import Final

DOMAIN: Final = "battmon"

CONF_BATTERY_KEY: Final = "battery_key"
"""A ULID: devices, entities and memory know a battery by it alone."""

CONF_INTERVAL: Final = "interval"
CONF_PUBLISH_INTERVAL: Final = "publish_interval"
CONF_CELL_ENTITIES: Final = "cell_entities"
CONF_INTERNAL: Final = "internal"
"""Only there to be a member: hidden from dashboards."""
CONF_FORCE: Final = "force"

CONF_KEEP_CONNECTED: Final = "keep_connected"
CONF_LET_IT_SLEEP: Final = "let_it_sleep"
CONF_RELEASE_MINUTES: Final = "release_minutes"

CONF_USE: Final = "use"
CONF_ARMED_ENTITY: Final = "armed_entity"
CONF_CHEMISTRY: Final = "chemistry"
CONF_CELLS: Final = "cells"
CONF_CAPACITY: Final = "capacity"
CONF_SUGGEST: Final = "suggest"
CONF_IGNORE_DEVICE_STATE_OF_CHARGE: Final = "ignore_device_state_of_charge"
CONF_CURRENT_IS_UNSIGNED: Final = "current_is_unsigned"
CONF_CHARGE_CURRENT_CAP: Final = "charge_current_cap"
CONF_DISCHARGE_CURRENT_CAP: Final = "discharge_current_cap"

CONF_LOW_VOLTAGE_DELAY: Final = "low_voltage_delay"
CONF_CRITICAL_VOLTAGE_DELAY: Final = "critical_voltage_delay"
CONF_USE_RESTING_VOLTAGE: Final = "use_resting_voltage"
CONF_READY_VOLTAGE: Final = "ready_voltage"
CONF_READY_CAPACITY: Final = "ready_capacity"
CONF_READY_STATE_OF_CHARGE: Final = "ready_state_of_charge"

SHORTEST_INTERVAL: Final = 0.1
LONGEST_INTERVAL: Final = 3600.0
DEFAULT_PUBLISH_INTERVAL: Final = 10.0
"""Seconds between states: charts need no more, and the recorder stays small."""

UNHEALTHY_POLLS: Final = 3
UNHEALTHY_MINIMUM: Final = 5.0
"""Seconds. A battery is out of sight after this many polls, but not sooner than this."""

GAP_POLLS: Final = 5
GAP_MINIMUM: Final = 60.0
"""Seconds. What happened between two samples further apart than this, or so many polls, nobody knows."""
STALE_POLLS: Final = 3
STALE_MINIMUM: Final = 30.0
"""Seconds after which a value is lost that is missing in good samples, or so many polls."""

QUICK_RETRY: Final = 0.1
"""Seconds after which a battery is read again whose link was lost for the first time."""
SLOW_RETRY: Final = 1.0
"""Seconds between further attempts at least, where the wire itself does not ask for more."""

DEFAULT_RELEASE_MINUTES: Final = 15
LONGEST_RELEASE: Final = 24 * 60
"""Minutes: whatever was released is taken back by itself."""

LINK_QUALITY_READS: Final = 100
"""Readings over which the link's quality is taken."""

FIRST_TRY: Final = 10.0
"""Seconds that start-up waits for a battery it remembers."""

SERVICE_SET_SWITCHES: Final = "set_switches"
ISSUE_WRONG_BATTERY: Final = "wrong_battery"
ISSUE_MEMBER_GONE: Final = "member_gone"
ISSUE_NEW_BATTERY: Final = "new_battery"

CONF_LEVEL: Final = "level"
CONF_SIDE: Final = "side"
CONF_DURATION: Final = "duration"
CONF_STATE_OF_CHARGE: Final = "state_of_charge"
CONF_SINCE: Final = "since"
CONF_FIELDS: Final = "fields"
DEFAULT_DRILL: Final = timedelta(minutes=1)
LONGEST_DRILL: Final = timedelta(hours=1)
SERVICE_RESET_FAILSAFE: Final = "reset_failsafe"
SERVICE_FAILSAFE_DRILL: Final = "failsafe_drill"
SERVICE_SET_STATE_OF_CHARGE: Final = "set_state_of_charge"
SERVICE_RESET_COUNTERS: Final = "reset_counters"
SERVICE_GET_SAMPLES: Final = "get_samples"
SERVICE_GET_CELLS: Final = "get_cells"
