"""What all dialogs share: the battery is read, and what comes of it says how to go on."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

import voluptuous as vol

from homeassistant.config_entries import (
    SOURCE_IGNORE,
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
)
from homeassistant.helpers import device_registry as dr

from . import sources
from .const import CONF_BATTERY_KEY, DOMAIN
from .flow_forms import BLUETOOTH_PASSWORD_SCHEMA, PASSWORD_SCHEMA, form_error
from .model.errors import BattMonError, LinkDown, Lock, PasswordNeeded, WrongPassword
from .model.identity import Fingerprint
from .model.reading import Reading
from .sources.bluetooth import HomeAssistantRadio
from .sources.settings import (
    CONF_ADDRESS,
    CONF_BLUETOOTH_PASSWORD,
    CONF_BUS,
    CONF_BUS_ADDRESS,
    CONF_DEVICE,
    CONF_PASSWORD,
    CONF_PROTOCOL,
    CONF_WIRE,
    WIRE_BLUETOOTH,
    WIRE_I2C,
)

_LOGGER = logging.getLogger(__name__)

CONNECT_TIME = 15.0
"""Seconds to connect over Bluetooth and read. Closing the link may take five more: 20 s in all."""
CHANNELS = ("channel", "current_channel")
"""What tells batteries apart that one chip on a bus watches."""
EXAMPLE = "socket://192.0.2.1:8899"

GOALS = {SOURCE_REAUTH: "reauth_done", SOURCE_RECONFIGURE: "reconfigure_done"}
"""The steps that follow a good reading, where no battery is added."""
PASSWORD_OF = {Lock.BATTERY: CONF_PASSWORD, Lock.BLUETOOTH: CONF_BLUETOOTH_PASSWORD}
"""What opens each lock. The steps that ask for one bear its name."""
PASSWORD_FIELDS = tuple(PASSWORD_OF.values())
VALIDITY = {
    CONF_PASSWORD: sources.password_is_valid,
    CONF_BLUETOOTH_PASSWORD: sources.bluetooth_password_is_valid,
}
INVALID = {
    CONF_PASSWORD: "invalid_password",
    CONF_BLUETOOTH_PASSWORD: "invalid_bluetooth_password",
}


def is_bluetooth(data: Mapping[str, Any]) -> bool:
    """Whether an entry's battery is reached over Bluetooth."""
    return bool(data.get(CONF_WIRE) == WIRE_BLUETOOTH)


def unique_id_of(data: Mapping[str, Any]) -> str:
    """Return what no two entries share: where their battery is reached."""
    if data.get(CONF_WIRE) == WIRE_I2C:
        channels = [f"{name} {data[name]}" for name in CHANNELS if name in data]
        return " ".join((data[CONF_BUS], f"0x{data[CONF_BUS_ADDRESS]:02x}", *channels))
    return dr.format_mac(data[CONF_ADDRESS]) if is_bluetooth(data) else str(data[CONF_DEVICE])


def kept(entry: ConfigEntry) -> dict[str, Any]:
    """What an entry keeps when its battery is reached in another way, unless it is replaced."""
    return {key: entry.data[key] for key in (CONF_BATTERY_KEY, *PASSWORD_FIELDS) if key in entry.data}


class ReadingSteps(ConfigFlow):
    """Reads the battery that `_data` describes and goes on by what came of it."""

    def __init__(self) -> None:
        self._data: dict[str, Any] = {}
        self._name = ""
        """What is being connected to, for the person who waits for it."""
        self._taken_by = ""
        """The other integration that has the device."""
        self._form_before = ""
        """The form that was submitted last: a failure leads back to it."""
        self._typed: Mapping[str, Any] = {}
        """What was filled in there."""
        self._found: tuple[Fingerprint, Reading] | None = None
        self._failure: BattMonError | None = None
        self._errors: dict[str, str] = {}
        self._work: asyncio.Task[None] | None = None
        self._next_dialog = ""
        """The dialog about the next of several batteries that were chosen together."""

    async def async_step_connect(self, user_input: None = None) -> ConfigFlowResult:
        """Show that it takes a while to connect and read."""
        if self._work is not None and not self._work.done():
            return self.async_show_progress(
                step_id="connect",
                progress_action="connect",
                description_placeholders={"name": self._name},
                progress_task=self._work,
            )
        return self.async_show_progress_done(next_step_id=self._next_step())

    async def async_step_password(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the password of a battery that does not answer without one."""
        if user_input is not None and self._take_passwords("password", user_input):
            return await self._connect()
        return self._form("password", PASSWORD_SCHEMA)

    async def async_step_bluetooth_password(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the password of the radio module in front of a battery."""
        if user_input is not None and self._take_passwords("bluetooth_password", user_input):
            return await self._connect()
        return self._form("bluetooth_password", BLUETOOTH_PASSWORD_SCHEMA)

    async def _connect(self) -> ConfigFlowResult:
        """Read the battery and go on: a link takes seconds to make, a port is just opened."""
        if is_bluetooth(self._data):
            self._work = self.hass.async_create_task(self._read(), "battmon dialog reads")
            if not self._work.done():
                return await self.async_step_connect()
        else:
            await self._read()
        return await self._go_to(self._next_step())

    async def _go_to(self, step_id: str) -> ConfigFlowResult:
        """Go on at once. After progress that took no time, Home Assistant would submit the form again."""
        result: ConfigFlowResult = await getattr(self, f"async_step_{step_id}")()
        return result

    async def _read(self) -> None:
        """Read the battery, or keep why it cannot be read."""
        self._failure, self._errors = None, {}
        try:
            async with asyncio.timeout(CONNECT_TIME if is_bluetooth(self._data) else None):
                self._found = await sources.probe(
                    self.hass, self._data, check_password=CONF_PASSWORD in self._data
                )
        except TimeoutError:
            explanation = HomeAssistantRadio(self.hass, self._data[CONF_ADDRESS]).explain()
            self._fail(LinkDown(f"not within {CONNECT_TIME:g} s; {explanation}"))
        except BattMonError as error:
            self._fail(error)

    def _fail(self, failure: BattMonError) -> None:
        # Some forms tell in words of their own what there is to do, and not what exactly went wrong.
        _LOGGER.info("The battery cannot be read: %s", failure)
        self._failure = failure
        self._errors = {"base": form_error(failure, self._data[CONF_WIRE])}
        if isinstance(failure, WrongPassword):
            self._data.pop(PASSWORD_OF[failure.lock], None)  # not to be tried again unasked

    def _next_step(self) -> str:
        """Return the step that follows: onwards, to the password that is missing, or back."""
        failure = self._failure
        if failure is None:
            return GOALS.get(self.source or "", "found")
        if self.source in GOALS or not isinstance(failure, PasswordNeeded | WrongPassword):
            return self._form_before
        step = PASSWORD_OF[failure.lock]
        if isinstance(failure, PasswordNeeded) and step != self._form_before:
            self._errors = {}  # nobody was asked for it before: nothing is wrong yet
        return step

    def _take_passwords(self, form: str, user_input: Mapping[str, Any]) -> bool:
        """Take over the passwords that were given; false, with errors, if one of them cannot be one."""
        self._form_before, self._typed = form, user_input
        given = {field: user_input[field] for field in PASSWORD_FIELDS if user_input.get(field)}
        for field, password in given.items():
            if not VALIDITY[field](self._data[CONF_PROTOCOL], password):
                self._errors = {field: INVALID[field]}
                return False
        self._data.update(given)
        return True

    async def _make_room(self, unique_id: str) -> None:
        """Take away what else stands for a device that an entry gets: dialogs, and an ignored discovery."""
        for flow in self._async_in_progress(match_context={"unique_id": unique_id}):
            self.hass.config_entries.flow.async_abort(flow["flow_id"])
        there = self.hass.config_entries.async_entry_for_domain_unique_id(DOMAIN, unique_id)
        if there is not None and there.source == SOURCE_IGNORE:
            await self.hass.config_entries.async_remove(there.entry_id)

    def _form(
        self,
        step_id: str,
        schema: vol.Schema,
        values: Mapping[str, Any] | None = None,
        placeholders: Mapping[str, str] | None = None,
    ) -> ConfigFlowResult:
        """Show a form, with what was filled in last time and what was wrong with it."""
        errors, self._errors = self._errors, {}
        typed = self._typed if step_id == self._form_before else {}
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, {**(values or {}), **typed}),
            errors=errors,
            description_placeholders={**self._given(), **(placeholders or {})},
        )

    def _given(self) -> dict[str, str]:
        """Return what errors leave to be filled in."""
        return {
            "detail": str(self._failure or ""),
            "example": EXAMPLE,
            "integration": self._taken_by,
        }
