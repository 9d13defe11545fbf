"""Adding a battery over Bluetooth: discovered, looked for, or named by hand."""

import re
from collections.abc import Mapping
from typing import Any, override

from homeassistant.components.bluetooth import BluetoothServiceInfoBleak
from homeassistant.config_entries import ConfigEntry, ConfigFlowResult
from homeassistant.data_entry_flow import AbortFlow
from homeassistant.helpers import device_registry as dr

from .const import DOMAIN
from .flow_forms import NOTHING_SCHEMA, device_schema, friendly_name, pick_schema
from .flow_reading import ReadingSteps
from .sources import bluetooth
from .sources.bluetooth import Nearby
from .sources.settings import CONF_ADDRESS, CONF_PROTOCOL, CONF_WIRE, WIRE_BLUETOOTH

ADDRESS = re.compile(r"([0-9A-F]{2}:){5}[0-9A-F]{2}")


class BluetoothSteps(ReadingSteps):
    """Connects only after the person submits: a battery serves one link, and it may be in use."""

    _listed: Mapping[str, Nearby] = {}
    """What the person chooses from, by address."""

    @override
    async def async_step_bluetooth(self, discovery_info: BluetoothServiceInfoBleak) -> ConfigFlowResult:
        """Offer a battery that advertises and that nobody has."""
        device = Nearby(
            discovery_info.address.upper(),
            discovery_info.name or discovery_info.address,
            discovery_info.rssi,
            bluetooth.recognise(discovery_info),
        )
        await self.async_set_unique_id(dr.format_mac(device.address))
        # Before all else: what was added by hand may be known by nothing but its address.
        self._abort_if_unique_id_configured()
        if device.protocol is None:
            return self.async_abort(reason="not_supported")
        self._abort_if_ours(device.address)
        if await self._is_taken(device.address):
            placeholders = {"integration": self._taken_by}
            return self.async_abort(reason="taken", description_placeholders=placeholders)
        self._data = bluetooth_data(device.address, device.protocol)
        self._name = friendly_name(device)
        self.context["title_placeholders"] = {"name": self._name}
        return await self.async_step_bluetooth_confirm()

    async def async_step_bluetooth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Wait until the person wants to connect."""
        if user_input is not None:
            self._form_before = "bluetooth_confirm"
            return await self._connect()
        self._set_confirm_only()
        placeholders = {"name": self._name, "address": self._data[CONF_ADDRESS]}
        return self._form("bluetooth_confirm", NOTHING_SCHEMA, placeholders=placeholders)

    async def async_step_bluetooth_scan(self, user_input: None = None) -> ConfigFlowResult:
        """Look around actively: some devices tell their name only when asked for it."""
        self._abort_without_adapter()
        self._work = self.hass.async_create_task(bluetooth.scan(self.hass), "battmon dialog scans")
        if self._work.done():
            return await self._go_to(self._step_after_scan())
        return await self.async_step_scan()

    async def async_step_scan(self, user_input: None = None) -> ConfigFlowResult:
        """Show that it takes a while to look around."""
        if self._work is not None and not self._work.done():
            return self.async_show_progress(step_id="scan", progress_action="scan", progress_task=self._work)
        return self.async_show_progress_done(next_step_id=self._step_after_scan())

    def _step_after_scan(self) -> str:
        return "bluetooth_pick" if self._batteries_nearby() else "bluetooth_none"

    async def async_step_bluetooth_none(self, user_input: None = None) -> ConfigFlowResult:
        """Say what may help when no battery was found."""
        return self.async_show_menu(
            step_id="bluetooth_none", menu_options=["bluetooth_scan", "bluetooth_manual", "serial"]
        )

    async def async_step_bluetooth_pick(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Let the person choose among the batteries nearby."""
        if user_input is not None:
            address = user_input.get(CONF_ADDRESS)
            if address is None:
                return await self.async_step_bluetooth_scan()
            self._form_before, self._typed = "bluetooth_pick", user_input
            if await self._is_free(address):
                device = self._listed[address]
                return await self._connect_to(device, device.protocol)
        self._listed = {device.address: device for device in self._batteries_nearby()}
        return self._form("bluetooth_pick", pick_schema(self._listed.values()))

    async def async_step_bluetooth_manual(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Let the person say which device it is, and of which kind."""
        self._abort_without_adapter()
        if user_input is not None:
            self._form_before, self._typed = "bluetooth_manual", user_input
            address = self._address_in(user_input)
            if address is not None and await self._is_free(address):
                return await self._connect_to(self._device_at(address), user_input[CONF_PROTOCOL])
        return self._form("bluetooth_manual", device_schema(self._free_devices()))

    async def _connect_to(self, device: Nearby, protocol: str | None) -> ConfigFlowResult:
        self._data = bluetooth_data(device.address, protocol)
        self._name = friendly_name(device)
        return await self._connect()

    async def _is_free(self, address: str) -> bool:
        """Whether nobody else has a device; false, with an error, if another integration has it."""
        await self.async_set_unique_id(dr.format_mac(address), raise_on_progress=False)
        self._abort_if_unique_id_configured()
        self._abort_if_ours(address)
        return not await self._is_taken(address)

    async def _is_taken(self, address: str) -> bool:
        self._taken_by = await bluetooth.taken_by(self.hass, address, DOMAIN) or ""
        if self._taken_by:
            self._errors = {"base": "taken"}
        return bool(self._taken_by)

    def _abort_if_ours(self, address: str, but: ConfigEntry | None = None) -> None:
        if address in self._our_addresses(but):
            raise AbortFlow("already_configured")

    def _abort_without_adapter(self) -> None:
        if not bluetooth.can_connect(self.hass):
            raise AbortFlow("no_adapter")

    def _our_addresses(self, but: ConfigEntry | None = None) -> set[str]:
        """Return the addresses of our batteries."""
        entries = self._async_current_entries(include_ignore=False)
        return {
            entry.data[CONF_ADDRESS] for entry in entries if entry is not but and CONF_ADDRESS in entry.data
        }

    def _free_devices(self, but: ConfigEntry | None = None) -> list[Nearby]:
        """Return what can be connected to and is not ours yet."""
        ours = self._our_addresses(but)
        return [device for device in bluetooth.nearby(self.hass) if device.address not in ours]

    def _batteries_nearby(self) -> list[Nearby]:
        return [device for device in self._free_devices() if device.protocol is not None]

    def _device_at(self, address: str) -> Nearby:
        """Return the device at an address; what is out of range may come back while it is tried."""
        silent = Nearby(address, address, 0, None)
        return next((device for device in bluetooth.nearby(self.hass) if device.address == address), silent)

    def _address_in(self, user_input: Mapping[str, Any]) -> str | None:
        """Return the address that was chosen or typed, `None`, with an error, if it is none."""
        address = dr.format_mac(user_input[CONF_ADDRESS].strip()).upper()
        if ADDRESS.fullmatch(address):
            return address
        self._errors = {CONF_ADDRESS: "invalid_address"}
        return None


def bluetooth_data(address: str, protocol: str | None) -> dict[str, Any]:
    """Return an entry's data about its device."""
    return {CONF_WIRE: WIRE_BLUETOOTH, CONF_PROTOCOL: protocol, CONF_ADDRESS: address}
