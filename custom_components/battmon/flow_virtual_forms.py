"""What the dialogs about virtual batteries ask and tell: schemas and descriptions."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import voluptuous as vol

from homeassistant.const import CONF_NAME
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)

from .const import CONF_CELLS, CONF_CHEMISTRY, CONF_USE
from .flow_chemistry import CHEMISTRY_SELECTOR, USE_SELECTOR
from .flow_judgement import count_field
from .model.chemistry import Chemistry
from .model.failsafe.settings import Use
from .model.packs.checks import Difference, Facts
from .sources.pack_settings import CONF_ALL_BUT, CONF_EXCLUDED, CONF_MEMBERS

SECTION_ALL = "all"
ACCEPT_TWICE = "twice"
ACCEPT = {**{str(kind): f"accept_{kind}" for kind in Difference}, ACCEPT_TWICE: "accept_twice"}
"""What members may differ in, and the field by which a person takes that as it is."""
CHEMISTRY_NAMES = {
    Chemistry.LIFEPO4: "LiFePO4",
    Chemistry.LI_ION: "Li-ion",
    Chemistry.LIPO: "LiPo",
    Chemistry.LEAD_ACID: "Pb",
    Chemistry.LTO: "LTO",
    Chemistry.SODIUM_ION: "Na-ion",
}
"""In no language in particular."""

type Offered = Mapping[str, str]
"""Battery key to label."""
type SchemaOf = Callable[[Offered], vol.Schema]


def battery_selector(offered: Offered) -> SelectSelector:
    """Return the field that chooses several batteries; they stay in the order in which they are chosen."""
    options = [SelectOptionDict(value=key, label=label) for key, label in offered.items()]
    return SelectSelector(
        SelectSelectorConfig(options=options, multiple=True, mode=SelectSelectorMode.DROPDOWN)
    )


def merged_schema(offered: Offered) -> vol.Schema:
    """Return the form about the devices of one battery."""
    return vol.Schema({vol.Optional(CONF_MEMBERS): battery_selector(offered)})


def members_schema(offered: Offered) -> vol.Schema:
    """Return the form about members in series or parallel, which may be all but some."""
    return vol.Schema(
        {
            vol.Optional(CONF_MEMBERS): battery_selector(offered),
            vol.Optional(SECTION_ALL): section(
                vol.Schema(
                    {
                        vol.Required(CONF_ALL_BUT, default=False): BooleanSelector(),
                        vol.Optional(CONF_EXCLUDED): battery_selector(offered),
                    }
                ),
                {"collapsed": True},
            ),
        }
    )


def new_members_schema(offered: Offered) -> vol.Schema:
    """Return the form about a new virtual battery in series or parallel."""
    return vol.Schema({vol.Optional(CONF_NAME): TextSelector(), **members_schema(offered).schema})


def new_merged_schema(offered: Offered) -> vol.Schema:
    """Return the form about a new battery of several devices."""
    return vol.Schema({vol.Optional(CONF_NAME): TextSelector(), **merged_schema(offered).schema})


def virtual_battery_schema(chemistry: Chemistry | None, cells: int | None) -> vol.Schema:
    """Return the form about what thresholds depend on, filled in with what the members are."""
    return vol.Schema(
        {
            vol.Optional(CONF_CHEMISTRY, description={"suggested_value": chemistry}): CHEMISTRY_SELECTOR,
            vol.Optional(CONF_CELLS, description={"suggested_value": cells}): count_field(CONF_CELLS),
            vol.Required(CONF_USE, default=Use.STATIONARY.value): USE_SELECTOR,
        }
    )


def differences_schema(found: Collection[str]) -> vol.Schema:
    """Return the form that has everything accepted in which members differ."""
    return vol.Schema(
        {
            vol.Required(field, default=False): BooleanSelector()
            for kind, field in ACCEPT.items()
            if kind in found
        }
    )


def told(kind: Difference, members: Sequence[Facts]) -> str:
    """Return who differs in what way, by name."""
    figures = [(member.name, FIGURES[kind](member)) for member in members]
    return ", ".join(f"{name}: {figure}" for name, figure in figures if figure)


def _figure(value: float | None, form: str) -> str:
    return "" if value is None else form.format(value)


FIGURES: dict[Difference, Callable[[Facts], str]] = {
    Difference.CELLS: lambda member: _figure(member.cells, "{}"),
    Difference.CHEMISTRY: lambda member: CHEMISTRY_NAMES[member.chemistry] if member.chemistry else "",
    Difference.VOLTAGE: lambda member: _figure(member.voltage, "{:.2f} V"),
    Difference.CAPACITY: lambda member: _figure(member.capacity, "{:g} Ah"),
}


def flat(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was filled in without its section."""
    return {**user_input, **user_input.get(SECTION_ALL, {})}
