"""The demo's dashboard, made of Home Assistant's plain cards."""

from collections.abc import Collection, Sequence

from .cards import Card
from .client import Client
from .folder import DASHBOARD
from .sections import Shown, cells, one_of_bus, overview
from .virtual_sections import member, whole

TITLE = "Batteries"
TOGETHER = "Virtual batteries"
ON_BUS = "I2C bus"
ICON = "mdi:battery-high"
HINT = """\
Another battery advertises over Bluetooth and waits to be added: \
[Settings, Devices & services](/config/integrations/dashboard)."""
_WIDEST = 4
"""Sections side by side at most."""


def dashboard(
    batteries: Sequence[Shown],
    virtual: Sequence[Shown] = (),
    on_bus: Sequence[Shown] = (),
    *,
    hint: bool = False,
) -> Card:
    """Return the configuration of the whole dashboard; what virtual batteries are made of stands beside them.

    The hint says that there is a battery to add.
    """
    views = [_single(batteries, hint=hint)]
    if virtual:
        views.append(_together(virtual, {battery.name for battery in batteries}))
    if on_bus:
        views.append(_view(ON_BUS, "bus", min(len(on_bus), _WIDEST), [one_of_bus(one) for one in on_bus]))
    return {"title": TITLE, "views": views}


def _single(batteries: Sequence[Shown], *, hint: bool) -> Card:
    """Return the view of batteries that stand for themselves: first what each does, then its cells."""
    sections = [overview(battery) for battery in batteries] + [cells(battery) for battery in batteries]
    # Below each battery stand its cells, unless all of it fits side by side.
    columns = len(sections) if len(sections) <= _WIDEST else len(batteries)
    view = _view(TITLE, "batteries", columns, sections)
    if hint:
        view["header"] = {"card": {"type": "markdown", "text_only": True, "content": HINT}}
    return view


def _together(virtual: Sequence[Shown], elsewhere: Collection[str]) -> Card:
    """Return the view of virtual batteries: first these, then those members that are not shown elsewhere."""
    members = {part.name: part for one in virtual for part in one.parts if not part.parts}
    sections = [whole(one) for one in virtual]
    sections += [member(part) for name, part in members.items() if name not in elsewhere]
    return _view(TOGETHER, "together", min(len(sections), _WIDEST), sections)


def _view(title: str, path: str, columns: int, sections: Sequence[Card]) -> Card:
    return {
        "title": title,
        "path": path,
        "type": "sections",
        "max_columns": columns,
        "sections": [*sections],
    }


async def install(client: Client, config: Card) -> None:
    """Write the dashboard, making it where there is none yet."""
    if all(row["url_path"] != DASHBOARD for row in await client.command("lovelace/dashboards/list")):
        await client.command(
            "lovelace/dashboards/create",
            url_path=DASHBOARD,
            title=TITLE,
            icon=ICON,
            mode="storage",
            show_in_sidebar=True,
        )
    await client.command("lovelace/config/save", url_path=DASHBOARD, config=config)
