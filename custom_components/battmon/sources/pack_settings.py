"""How the options of a virtual battery are kept in its entry, and their typed form."""

from collections.abc import Mapping
from typing import Any

from ..model.chemistry import Chemistry
from ..model.packs.settings import Arrangement, PackSettings, Source
from .settings import CONF_KIND, VIRTUAL_KINDS

CONF_MEMBERS = "members"
"""Battery keys, in order."""
CONF_QUANTITIES = "quantities"
"""Of merged batteries: battery key to the names of what is taken from it; all where it is not there."""
CONF_PRIMARY = "primary"
"""Battery key to names of quantities, in order; an empty list is all."""
CONF_AUXILIARY = "auxiliary"
CONF_ALL_BUT = "all_but"
"""Whether members are all batteries but those excluded: a new one is asked about."""
CONF_EXCLUDED = "excluded"
"""Battery keys."""
CONF_MEMBER_NAMES = "member_names"
"""Battery key to what each of these batteries was called last: a battery that is gone has no title."""
CONF_PACK_CAPACITY = "pack_capacity"
CONF_MINIMUM_VOLTAGE = "minimum_voltage"
CONF_STRICT = "strict"
CONF_PARTIAL_SUMS = "partial_sums"
CONF_VOLTAGE_SPREAD = "voltage_spread"
CONF_CURRENT_SPREAD = "current_spread"
CONF_STATE_OF_CHARGE_SPREAD = "state_of_charge_spread"
CONF_CELL_IMBALANCE = "cell_imbalance_limit"
CONF_RATED_FOR_STRING = "rated_for_string"
"""Series: the person states that each BMS is rated for the voltage of the whole string."""

_NUMBERS = {
    CONF_PACK_CAPACITY: "capacity",
    CONF_VOLTAGE_SPREAD: "voltage_spread",
    CONF_CURRENT_SPREAD: "current_spread",
    CONF_STATE_OF_CHARGE_SPREAD: "state_of_charge_spread",
    CONF_CELL_IMBALANCE: "cell_imbalance",
}
_FLAGS = (CONF_MINIMUM_VOLTAGE, CONF_STRICT, CONF_PARTIAL_SUMS)


def arrangement_of(data: Mapping[str, Any]) -> Arrangement | None:
    """Return how the members of an entry's battery are joined; `None` of one that has none."""
    kind = data.get(CONF_KIND)
    return Arrangement(kind) if kind in VIRTUAL_KINDS else None


def pack_settings(data: Mapping[str, Any], options: Mapping[str, Any]) -> PackSettings:
    """Return what an entry says about a virtual battery."""
    chemistry = options.get("chemistry")
    only = options.get(CONF_QUANTITIES, {})
    numbers: dict[str, Any] = {name: options.get(option) for option, name in _NUMBERS.items()}
    flags: dict[str, Any] = {name: bool(options.get(name)) for name in _FLAGS}
    return PackSettings(
        arrangement=Arrangement(data[CONF_KIND]),
        members=tuple(
            Source(key=key, quantities=frozenset(only.get(key, ()))) for key in options.get(CONF_MEMBERS, ())
        ),
        primary=_sources(options.get(CONF_PRIMARY, {})),
        auxiliary=_sources(options.get(CONF_AUXILIARY, {})),
        chemistry=None if chemistry is None else Chemistry(chemistry),
        **numbers,
        **flags,
    )


def _sources(stored: Mapping[str, list[str]]) -> tuple[Source, ...]:
    return tuple(Source(key=key, quantities=frozenset(names)) for key, names in stored.items())
