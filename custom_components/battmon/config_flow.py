"""Config flow: the battery is read before it is added."""

from collections.abc import Mapping
from typing import Any, override

import voluptuous as vol

from homeassistant.components import usb
from homeassistant.config_entries import (
    ConfigEntry,
    ConfigEntryState,
    ConfigFlow,
    ConfigFlowResult,
    OptionsFlow,
)
from homeassistant.const import CONF_NAME
from homeassistant.core import callback
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    SerialPortSelector,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
from homeassistant.util.ulid import ulid_now

from . import sources
from .const import CONF_BATTERY_KEY, DOMAIN
from .errors import key_of
from .memory import STORE
from .model.errors import BattMonError, PasswordNeeded
from .model.identity import Fingerprint, difference
from .model.reading import Identity, Reading
from .options_flow import BattmonOptionsFlow
from .sources.settings import (
    CONF_BAUD_RATE,
    CONF_DEVICE,
    CONF_PASSWORD,
    CONF_PROTOCOL,
    CONF_WIRE,
    WIRE_SERIAL,
)

SECTION_LINE = "line"
DEFAULT_PROTOCOL = "jbd"

PASSWORD_SELECTOR = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD))
BAUD_RATE_SELECTOR = NumberSelector(
    NumberSelectorConfig(min=300, max=921600, step=1, mode=NumberSelectorMode.BOX)
)
PASSWORD_SCHEMA = vol.Schema({vol.Required(CONF_PASSWORD): PASSWORD_SELECTOR})
UNKNOWN = "?"
EXAMPLE = "socket://192.0.2.1:8899"


def _serial_schema() -> vol.Schema:
    names = [SelectOptionDict(value=key, label=name) for key, name in sources.protocols().items()]
    return vol.Schema(
        {
            vol.Required(CONF_DEVICE): SerialPortSelector(),
            vol.Required(CONF_PROTOCOL, default=DEFAULT_PROTOCOL): SelectSelector(
                SelectSelectorConfig(options=names, mode=SelectSelectorMode.DROPDOWN)
            ),
            vol.Required(SECTION_LINE, default=dict): section(
                vol.Schema({vol.Optional(CONF_BAUD_RATE): BAUD_RATE_SELECTOR}),
                {"collapsed": True},
            ),
        }
    )


def _entry_data(user_input: Mapping[str, Any], device: str) -> dict[str, Any]:
    protocol = user_input[CONF_PROTOCOL]
    baud_rate = user_input[SECTION_LINE].get(CONF_BAUD_RATE) or sources.baud_rate_of(protocol)
    return {
        CONF_WIRE: WIRE_SERIAL,
        CONF_PROTOCOL: protocol,
        CONF_DEVICE: device,
        CONF_BAUD_RATE: int(baud_rate),
    }


class BattmonConfigFlow(ConfigFlow, domain=DOMAIN):
    """Adds one battery."""

    VERSION = 1
    MINOR_VERSION = 1

    def __init__(self) -> None:
        self._data: dict[str, Any] = {}
        self._found: tuple[Fingerprint, Reading] | None = None
        self._failure: BattMonError | None = None
        self._errors: dict[str, str] = {}

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        return BattmonOptionsFlow()

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        return await self.async_step_serial()

    async def async_step_serial(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the port and read the battery behind it."""
        if user_input is not None:
            device = await self._port(user_input[CONF_DEVICE])
            await self.async_set_unique_id(device)
            self._abort_if_unique_id_configured()
            if await self._is_taken(device):
                return self.async_abort(reason="already_configured")
            self._data = _entry_data(user_input, device)
            if await self._read():
                return await self.async_step_battery()
            if isinstance(self._failure, PasswordNeeded):
                self._errors = {}
                return await self.async_step_password()
        return self._form("serial", _serial_schema(), user_input)

    async def async_step_password(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the password of a battery that does not answer without one."""
        if user_input is not None and self._take_password(user_input):
            if await self._read(check_password=True):
                return await self.async_step_battery()
        return self._form("password", PASSWORD_SCHEMA, user_input)

    async def async_step_battery(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show what was found and ask for a name."""
        assert self._found is not None
        fingerprint, reading = self._found
        if user_input is not None:
            return self.async_create_entry(
                title=user_input[CONF_NAME].strip() or _suggested_name(fingerprint),
                data={CONF_BATTERY_KEY: ulid_now(), **self._data},
            )
        return self.async_show_form(
            step_id="battery",
            data_schema=vol.Schema(
                {vol.Required(CONF_NAME, default=_suggested_name(fingerprint)): TextSelector()}
            ),
            description_placeholders=_described(fingerprint, reading),
        )

    async def async_step_reauth(self, entry_data: Mapping[str, Any]) -> ConfigFlowResult:
        """The battery asks for a password that BattMon does not have, or rejected it."""
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the password until it fits."""
        entry = self._get_reauth_entry()
        self._data = dict(entry.data)
        if user_input is not None and self._take_password(user_input):
            if await self._read(check_password=True):
                return self.async_update_reload_and_abort(
                    entry, data_updates={CONF_PASSWORD: self._data[CONF_PASSWORD]}
                )
        return self._form("reauth_confirm", PASSWORD_SCHEMA, user_input, {"name": entry.title})

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Move a battery to another port or line speed, or change its password."""
        entry = self._get_reconfigure_entry()
        if user_input is not None:
            device = await self._port(user_input[CONF_DEVICE])
            if await self._is_taken(device, but=entry):
                return self.async_abort(reason="already_configured")
            self._data = {**_kept(entry), **_entry_data(user_input, device)}
            if self._take_password(user_input) and await self._read_instead_of(entry):
                return self.async_update_reload_and_abort(entry, unique_id=device, data=self._data)
        return self._form("reconfigure", _reconfigure_schema(), user_input or _shown(entry))

    def _form(
        self,
        step_id: str,
        schema: vol.Schema,
        values: Mapping[str, Any] | None,
        placeholders: Mapping[str, str] | None = None,
    ) -> ConfigFlowResult:
        """Show a form, with what was wrong with the last attempt."""
        errors, self._errors = self._errors, {}
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, values),
            errors=errors,
            description_placeholders={
                "detail": str(self._failure or ""),
                "example": EXAMPLE,
                **(placeholders or {}),
            },
        )

    async def _read(self, *, check_password: bool = False) -> bool:
        """Read the battery; false, with an error for the form, if that fails."""
        self._failure = None
        try:
            self._found = await sources.probe(self.hass, self._data, check_password=check_password)
        except BattMonError as error:
            self._failure = error
            self._errors = {"base": key_of(error)}
            return False
        return True

    async def _read_instead_of(self, entry: ConfigEntry) -> bool:
        """Read over the new way; if that fails, the entry goes on over the old one."""
        if entry.state is ConfigEntryState.LOADED:
            await self.hass.config_entries.async_unload(entry.entry_id)
        else:
            entry.async_cancel_retry_setup()
        if await self._read(check_password=CONF_PASSWORD in self._data) and self._is_same(entry):
            return True
        await self.hass.config_entries.async_reload(entry.entry_id)
        return False

    def _is_same(self, entry: ConfigEntry) -> bool:
        assert self._found is not None
        known = self.hass.data[STORE].get(entry.data[CONF_BATTERY_KEY]).fingerprint
        if known is None or difference(known, self._found[0]) is None:
            return True
        self._errors = {"base": "wrong_battery"}
        return False

    def _take_password(self, user_input: Mapping[str, Any]) -> bool:
        """Take over a password, if one was given; false, with an error, if it cannot be one."""
        password = user_input.get(CONF_PASSWORD)
        if not password:
            return True
        if not sources.password_is_valid(self._data[CONF_PROTOCOL], password):
            self._errors = {CONF_PASSWORD: "invalid_password"}
            return False
        self._data[CONF_PASSWORD] = password
        return True

    async def _port(self, device: str) -> str:
        """Return the name of a port that it keeps when ports are plugged in another order."""
        device = device.strip()
        if not device.startswith("/dev/"):
            return device
        return await self.hass.async_add_executor_job(usb.get_serial_by_id, device)

    async def _is_taken(self, device: str, but: ConfigEntry | None = None) -> bool:
        """Whether a battery is set up on this port, under this or another of its names."""
        entries = self._async_current_entries(include_ignore=False)
        ports = [entry.data[CONF_DEVICE] for entry in entries if entry is not but]
        return await self.hass.async_add_executor_job(sources.is_one_of, device, ports)


def _reconfigure_schema() -> vol.Schema:
    return _serial_schema().extend({vol.Optional(CONF_PASSWORD): PASSWORD_SELECTOR})


def _kept(entry: ConfigEntry) -> dict[str, Any]:
    """What reconfiguring does not ask for, or only to replace it."""
    return {key: entry.data[key] for key in (CONF_BATTERY_KEY, CONF_PASSWORD) if key in entry.data}


def _shown(entry: ConfigEntry) -> dict[str, Any]:
    """The present values as the form holds them. A password is never shown."""
    return {
        CONF_DEVICE: entry.data[CONF_DEVICE],
        CONF_PROTOCOL: entry.data[CONF_PROTOCOL],
        SECTION_LINE: {CONF_BAUD_RATE: entry.data[CONF_BAUD_RATE]},
    }


def _suggested_name(fingerprint: Fingerprint) -> str:
    identity = fingerprint.identity
    return identity.model or identity.manufacturer or "Battery"


def _described(fingerprint: Fingerprint, reading: Reading) -> dict[str, str]:
    """Describe what was found, for the person to recognise the battery."""
    identity = fingerprint.identity
    facts = {
        "model": _full_model(identity),
        "firmware": identity.firmware,
        "cells": fingerprint.cells,
        "voltage": _figure(reading.voltage, ".2f"),
        "state_of_charge": _figure(reading.state_of_charge, ".0f"),
        "capacity": _figure(reading.full_capacity, "g"),
    }
    return {name: UNKNOWN if fact is None else str(fact) for name, fact in facts.items()}


def _full_model(identity: Identity) -> str | None:
    """Return maker and model, the maker not twice."""
    maker, model = identity.manufacturer or "", identity.model or ""
    return model if maker and model.startswith(maker) else f"{maker} {model}".strip() or None


def _figure(value: float | None, form: str) -> str | None:
    return None if value is None else format(value, form)
