"""Buttons."""

from abc import abstractmethod
from typing import override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .coordinator import BattmonConfigEntry
from .entity import BattmonEntity, add_as_they_appear
from .errors import command_failure
from .model.errors import BattMonError

PARALLEL_UPDATES = 1

READ_NOW = ButtonEntityDescription(
    key="read_now", translation_key="read_now", entity_category=EntityCategory.DIAGNOSTIC
)
RESET_FAILSAFE = ButtonEntityDescription(key="reset_failsafe", translation_key="reset_failsafe")


async def async_setup_entry(
    hass: HomeAssistant,
    entry: BattmonConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the buttons of one battery."""
    coordinator = entry.runtime_data
    add_as_they_appear(
        entry,
        Platform.BUTTON,
        async_add_entities,
        lambda _profile: [
            ReadNowButton(coordinator, READ_NOW),
            ResetFailsafeButton(coordinator, RESET_FAILSAFE),
        ],
    )


class BattmonButton(BattmonEntity, ButtonEntity):
    """Can be pressed whether or not the battery is in sight."""

    always_available = True

    @override
    def shown(self) -> object:
        return None

    @abstractmethod
    @override
    async def async_press(self) -> None: ...


class ReadNowButton(BattmonButton):
    """Reads the battery once and shows it, whatever the intervals."""

    @override
    async def async_press(self) -> None:
        try:
            await self.coordinator.async_read_now()
        except BattMonError as error:
            raise command_failure(error) from error


class ResetFailsafeButton(BattmonButton):
    """Judges afresh: levels that are held go down to what is true now."""

    @override
    async def async_press(self) -> None:
        self.coordinator.watch.reset_failsafe()
