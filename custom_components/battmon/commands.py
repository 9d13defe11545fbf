"""Commands to a battery, as the switches and an action give them."""

from homeassistant.exceptions import ServiceValidationError

from .const import DOMAIN
from .coordinator import BattmonCoordinator
from .errors import command_failure
from .model.errors import BattMonError, NotObeyed
from .model.switching import Wanted


async def async_switch(coordinator: BattmonCoordinator, wanted: Wanted, *, force: bool = False) -> None:
    """Command a battery; raises what Home Assistant shows to the person."""
    forbidden = {name for name, on in wanted._asdict().items() if on is not None}
    forbidden -= coordinator.source.switches
    if forbidden:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="not_permitted",
            translation_placeholders={"switches": ", ".join(sorted(forbidden))},
        )
    try:
        obeyed = await coordinator.async_command(wanted, force=force)
    except BattMonError as error:
        raise command_failure(error) from error
    if not obeyed:
        raise command_failure(NotObeyed(_alarms_in_words(coordinator)))


def _alarms_in_words(coordinator: BattmonCoordinator) -> str:
    problems = coordinator.state.problems
    return ", ".join(alarm.replace("_", " ") for alarm in sorted(problems or ())) or "-"
