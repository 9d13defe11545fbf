"""Changing a battery that is there: its password, or the wire that it is reached by."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.config_entries import SOURCE_RECONFIGURE, ConfigEntry, ConfigEntryState, ConfigFlowResult

from .const import CONF_BATTERY_KEY
from .flow_bluetooth import BluetoothSteps, bluetooth_data
from .flow_forms import (
    PASSWORD_SCHEMAS,
    SECTION_LINE,
    friendly_name,
    reconfigure_device_schema,
    reconfigure_serial_schema,
)
from .flow_reading import PASSWORD_FIELDS, ReadingSteps, is_bluetooth, kept, unique_id_of
from .flow_serial import SerialSteps, serial_data
from .memory import STORE
from .model.errors import Lock, PasswordNeeded, WrongBattery, WrongPassword
from .model.identity import difference
from .sources.settings import (
    CONF_ADDRESS,
    CONF_BAUD_RATE,
    CONF_DEVICE,
    CONF_PROTOCOL,
)


class ReauthSteps(ReadingSteps):
    """Asks for a password until it fits."""

    async def async_step_reauth(self, entry_data: Mapping[str, Any]) -> ConfigFlowResult:
        """The battery asks for a password that BattMon does not have, or rejected it."""
        self._name = self._get_reauth_entry().title
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for what is missing or wrong."""
        # What was given before counts as well: there may be two passwords, of which one is asked for.
        self._data = {**self._get_reauth_entry().data, **self._passwords()}
        if user_input is not None and self._take_passwords("reauth_confirm", user_input):
            if self._passwords():
                return await self._connect()
            self._errors = {"base": "password_needed"}
        schema = PASSWORD_SCHEMAS[self._lock()]
        return self._form("reauth_confirm", schema, placeholders={"name": self._name})

    async def async_step_reauth_done(self, user_input: None = None) -> ConfigFlowResult:
        """Use what fits."""
        return self.async_update_reload_and_abort(self._get_reauth_entry(), data_updates=self._passwords())

    def _passwords(self) -> dict[str, Any]:
        return {field: self._data[field] for field in PASSWORD_FIELDS if field in self._data}

    def _lock(self) -> Lock | None:
        """Return which password is missing or wrong, `None` if nobody knows."""
        if not is_bluetooth(self._data):
            return Lock.BATTERY
        entry = self._get_reauth_entry()
        known = entry.runtime_data.last_error if entry.state is ConfigEntryState.LOADED else None
        for error in (self._failure, known):
            if isinstance(error, PasswordNeeded | WrongPassword):
                return error.lock
        return None


class ReconfigureSteps(SerialSteps, BluetoothSteps):
    """Moves a battery to another port or radio module, from wire to wireless or back."""

    async def async_step_reconfigure(self, user_input: None = None) -> ConfigFlowResult:
        """Ask how the battery is to be reached."""
        return self.async_show_menu(
            step_id="reconfigure",
            menu_options=["reconfigure_bluetooth", "reconfigure_serial"],
            description_placeholders={"name": self._get_reconfigure_entry().title},
        )

    async def async_step_reconfigure_serial(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the port, the line speed and the password."""
        entry = self._get_reconfigure_entry()
        if user_input is not None:
            device = await self._port(user_input[CONF_DEVICE])
            if await self._port_is_taken(device, but=entry):
                return self.async_abort(reason="already_configured")
            self._data = {**kept(entry), **serial_data(user_input, device)}
            if self._take_passwords("reconfigure_serial", user_input):
                return await self._connect()
        return self._form("reconfigure_serial", reconfigure_serial_schema(), _present_port(entry))

    async def async_step_reconfigure_bluetooth(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the device, its kind and both passwords."""
        self._abort_without_adapter()
        entry = self._get_reconfigure_entry()
        if user_input is not None and await self._take_device(entry, user_input):
            return await self._connect()
        schema = reconfigure_device_schema(self._free_devices(but=entry))
        return self._form("reconfigure_bluetooth", schema, _present_device(entry))

    async def async_step_reconfigure_done(self, user_input: None = None) -> ConfigFlowResult:
        """Say that it is done."""
        return self.async_update_and_abort(self._get_reconfigure_entry())

    async def _take_device(self, entry: ConfigEntry, user_input: Mapping[str, Any]) -> bool:
        self._form_before, self._typed = "reconfigure_bluetooth", user_input
        address = self._address_in(user_input)
        if address is None:
            return False
        self._abort_if_ours(address, but=entry)
        if await self._is_taken(address):
            return False
        self._name = friendly_name(self._device_at(address))
        self._data = {**kept(entry), **bluetooth_data(address, user_input[CONF_PROTOCOL])}
        return self._take_passwords("reconfigure_bluetooth", user_input)

    @override
    async def _read(self) -> None:
        """Read over the new way; if that fails, the entry goes on over the old one.

        All of it happens here: nobody may look at the dialog any more.
        """
        if self.source != SOURCE_RECONFIGURE:
            await super()._read()
            return
        entry = self._get_reconfigure_entry()
        try:
            await self._put_aside(entry)
            await super()._read()
            self._check_same(entry)
            if self._failure is None:
                unique_id = unique_id_of(self._data)
                await self._make_room(unique_id)
                self.hass.config_entries.async_update_entry(entry, unique_id=unique_id, data=self._data)
        finally:
            self.hass.config_entries.async_schedule_reload(entry.entry_id)

    async def _put_aside(self, entry: ConfigEntry) -> None:
        """Let go of the wire, which may be the same one."""
        async with entry.setup_lock:
            pass  # the reload after the last attempt is over
        if entry.state is ConfigEntryState.LOADED:
            await self.hass.config_entries.async_unload(entry.entry_id)
        else:
            entry.async_cancel_retry_setup()

    def _check_same(self, entry: ConfigEntry) -> None:
        known = self.hass.data[STORE].get(entry.data[CONF_BATTERY_KEY]).fingerprint
        if self._failure is not None or self._found is None or known is None:
            return
        if (what := difference(known, self._found[0])) is not None:
            self._fail(WrongBattery(what))


def _present_port(entry: ConfigEntry) -> dict[str, Any]:
    """The present values as the form holds them. A password is never shown."""
    if is_bluetooth(entry.data):
        return {CONF_PROTOCOL: entry.data[CONF_PROTOCOL]}
    return {
        CONF_DEVICE: entry.data[CONF_DEVICE],
        CONF_PROTOCOL: entry.data[CONF_PROTOCOL],
        SECTION_LINE: {CONF_BAUD_RATE: entry.data[CONF_BAUD_RATE]},
    }


def _present_device(entry: ConfigEntry) -> dict[str, Any]:
    return {key: entry.data[key] for key in (CONF_ADDRESS, CONF_PROTOCOL) if key in entry.data}
