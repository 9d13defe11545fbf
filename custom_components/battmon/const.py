"""Names and times of the Home Assistant side."""

from typing import Final

DOMAIN: Final = "battmon"

CONF_BATTERY_KEY: Final = "battery_key"
"""A ULID: devices, entities and memory know a battery by it alone."""

CONF_INTERVAL: Final = "interval"
CONF_PUBLISH_INTERVAL: Final = "publish_interval"
CONF_CELL_ENTITIES: Final = "cell_entities"
CONF_FORCE: Final = "force"

CONF_KEEP_CONNECTED: Final = "keep_connected"
CONF_LET_IT_SLEEP: Final = "let_it_sleep"
CONF_RELEASE_MINUTES: Final = "release_minutes"

SHORTEST_INTERVAL: Final = 0.1
LONGEST_INTERVAL: Final = 3600.0
DEFAULT_PUBLISH_INTERVAL: Final = 10.0
"""Seconds between states: charts need no more, and the recorder stays small."""

UNHEALTHY_POLLS: Final = 3
UNHEALTHY_MINIMUM: Final = 5.0
"""Seconds. A battery is out of sight after this many polls, but not sooner than this."""

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
