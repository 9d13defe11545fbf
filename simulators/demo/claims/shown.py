"""What several claims look at: whether the values of batteries are shown, and whether they are true."""

from collections.abc import Awaitable, Callable, Iterable, Mapping

from ..client import Patience
from ..known import Known
from ..stage import Stage, Wrong, expect, number

type Truth = Mapping[str, tuple[float, float]]
"""What is true and how much of it is rounded off on its way, by the entity that shows it."""
type Ask = Callable[[], Awaitable[bool]]


async def expect_true(stage: Stage, battery: Known, truth: Callable[[], Truth], attempts: int) -> None:
    """Raise Wrong if a battery that is read now is shown otherwise than it is.

    The load may change, or the next poll come, between reading and comparing: not that often in a row.
    """
    wrong = ""
    for _ in range(attempts):
        if not (wrong := await _differences(stage, battery, truth)):
            return
    raise Wrong(f"{battery.name}: {wrong}")


async def _differences(stage: Stage, battery: Known, truth: Callable[[], Truth]) -> str:
    """Return what is shown otherwise than it is."""
    await stage.press(battery, "button.read_now")
    true = truth()
    states = await stage.states(battery, true)
    return "; ".join(
        f"{name} is {value:.4g} and shown as {states[name]}"
        for name, (value, tolerance) in true.items()
        if (shown := number(states[name])) is None or abs(shown - value) > tolerance
    )


def shows_values(stage: Stage, *batteries: Known) -> Ask:
    """Return what looks whether batteries are connected and every entity of theirs has a value."""

    async def shown() -> bool:
        states = [await stage.states(one) for one in batteries]
        return all(
            one["binary_sensor.connected"] == "on" and "unavailable" not in one.values() for one in states
        )

    return shown


def shows_nothing(stage: Stage, names: Iterable[str], *batteries: Known) -> Ask:
    """Return what looks whether none of these entities of batteries has a value."""
    chosen = tuple(names)

    async def gone() -> bool:
        states = [await stage.states(one, chosen) for one in batteries]
        return all(set(one.values()) == {"unavailable"} for one in states)

    return gone


async def expect_gone(stage: Stage, names: Iterable[str], *batteries: Known, within: float) -> None:
    """Wait, not longer than so many seconds, until nothing is shown of batteries, and no link to them."""
    await Patience(within).until("values are unavailable", shows_nothing(stage, names, *batteries))
    for one in batteries:
        connected = await stage.state(one, "binary_sensor.connected")
        expect(connected == "off", f"{one.name}: connected is {connected}")
