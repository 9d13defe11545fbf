"""The file of the memory: whether it was written, and what becomes of one that cannot be read.

Home Assistant writes it beside the old one, flushes it to the disk and renames it (`atomic_writes`):
whatever ends the program, and even the power, the file is the old one or the new one, whole.
"""

import logging
import os
from typing import Any, override

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, UnsupportedStorageVersionError
from homeassistant.helpers import issue_registry as ir
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util

from .const import DOMAIN

_LOGGER = logging.getLogger(__name__)

VERSION = 1
MINOR_VERSION = 3
"""1: fingerprint, profile, switches. 2: what is judged and estimated. 3: where merged batteries
count on from. Older ones need no migration."""

NOTICE = "memory_set_aside"


class MemoryFile(Store[dict[str, Any]]):
    """A file that says whether it was written; Home Assistant's own only logs that it was not."""

    error: Exception | None = None
    """Why the file could not be written the last time."""

    def __init__(self, hass: HomeAssistant) -> None:
        super().__init__(hass, VERSION, DOMAIN, minor_version=MINOR_VERSION, atomic_writes=True)

    async def async_load_or_set_aside(self) -> dict[str, Any] | None:
        """Return what is in the file, if there is one that is neither newer nor of another form."""
        try:
            return await self.async_load()
        except UnsupportedStorageVersionError as error:
            await self.async_set_aside(f"newer-{error.found_version}")
        except NotImplementedError, KeyError, TypeError, AttributeError:  # not our form at all
            await self.async_set_aside("damaged")
        return None

    async def async_set_aside(self, why: str) -> None:
        """Keep a copy of a file that is about to be replaced, and tell."""
        copy = f"{self.path}.{why}-{dt_util.utcnow():%Y%m%d%H%M%S}"
        await self.hass.async_add_executor_job(os.replace, self.path, copy)
        _LOGGER.warning("BattMon's memory could not be read whole and was set aside as %s", copy)
        ir.async_create_issue(
            self.hass,
            DOMAIN,
            NOTICE,
            is_fixable=False,
            is_persistent=False,
            severity=ir.IssueSeverity.WARNING,
            translation_key=NOTICE,
            translation_placeholders={"file": copy},
        )

    @override
    async def _async_write_data(self, data: dict[str, Any]) -> None:
        try:
            await super()._async_write_data(data)
        except (OSError, HomeAssistantError) as error:
            self.error = error
        else:
            self.error = None
