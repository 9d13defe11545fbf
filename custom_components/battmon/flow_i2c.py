"""Adding a battery on an I2C bus: looked for, or named by hand."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, override

from homeassistant.config_entries import (
    SOURCE_INTEGRATION_DISCOVERY,
    ConfigEntry,
    ConfigFlowResult,
)
from homeassistant.data_entry_flow import AbortFlow

from .const import DOMAIN
from .flow_changes import ReconfigureSteps
from .flow_forms import MISFITS, form_error
from .flow_i2c_forms import (
    CONF_DEVICES,
    NO_BUS_SCHEMA,
    address_in,
    as_filled_in,
    as_text,
    bus_schema,
    by_hand_schema,
    device_schema,
    found_schema,
    i2c_data,
    move_schema,
    path_in,
)
from .flow_reading import CHANNELS, kept, unique_id_of
from .flow_words import label_of, words_of
from .model.errors import BattMonError
from .sources import bus_scan
from .sources.bus import Unfit, kinds, misfit_of
from .sources.bus_scan import Found
from .sources.settings import CONF_BUS, CONF_BUS_ADDRESS, CONF_PROTOCOL, CONF_WIRE, WIRE_I2C

_LOGGER = logging.getLogger(__name__)

SIGNIFICANT = (CONF_BUS_ADDRESS, *CHANNELS)
"""What two batteries on one bus differ by."""


class I2cSteps(ReconfigureSteps):
    """Nothing is looked at before a person names a bus: reading a register disturbs some devices."""

    _bus = ""
    _seen: Sequence[Found] = ()
    """What the person chooses from."""
    _device = Found(0)
    """What the dialog is about."""
    _unfit: Unfit | None = None
    """Why the device cannot be as the person says."""

    async def async_step_i2c(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the bus."""
        if user_input is not None:
            return await self._look("i2c", user_input)
        if not (adapters := await bus_scan.buses(self.hass)):
            return await self.async_step_i2c_none()
        return self._form("i2c", bus_schema(adapters))

    async def async_step_i2c_none(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Say what to do where there is no bus; one that is not listed may be typed."""
        if user_input is not None:
            if CONF_BUS not in user_input:
                return await self.async_step_i2c()
            return await self._look("i2c_none", user_input)
        return self._form("i2c_none", NO_BUS_SCHEMA)

    async def async_step_i2c_again(self, user_input: None = None) -> ConfigFlowResult:
        """Look at the same bus once more."""
        return await self._look(self._form_before, self._typed)

    async def async_step_i2c_scan(self, user_input: None = None) -> ConfigFlowResult:
        """Show that it takes a moment to look at a bus."""
        assert self._work is not None
        if not self._work.done():
            return self.async_show_progress(
                step_id="i2c_scan",
                progress_action="i2c_scan",
                description_placeholders={"bus": self._bus},
                progress_task=self._work,
            )
        found = "i2c_pick" if self._seen else "i2c_nothing"
        return self.async_show_progress_done(next_step_id=self._form_before if self._errors else found)

    async def async_step_i2c_nothing(self, user_input: None = None) -> ConfigFlowResult:
        """Say what may help when nothing was found."""
        return self.async_show_menu(
            step_id="i2c_nothing",
            menu_options=["i2c_again", "i2c_manual", "i2c"],
            description_placeholders={"bus": self._bus},
        )

    async def async_step_i2c_pick(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Let the person choose among what was found; several are asked about one after the other."""
        if user_input is not None:
            chosen = user_input.get(CONF_DEVICES)
            if not chosen:
                return await self.async_step_i2c_again()
            first, *others = (one for one in self._seen if as_text(one.address) in chosen)
            await self._begin_dialogs(others)
            return await self._ask_about(first)
        schema = found_schema(await words_of(self.hass), self._seen)
        return self._form("i2c_pick", schema)

    @override
    async def async_step_integration_discovery(self, discovery_info: dict[str, Any]) -> ConfigFlowResult:
        """Go on with the next of several devices that a person chose."""
        first, *others = (Found(*one) for one in discovery_info[CONF_DEVICES])
        self._bus = discovery_info[CONF_BUS]
        await self._begin_dialogs(others)
        await self.async_set_unique_id(f"{self._bus} {as_text(first.address)}")
        self._abort_if_unique_id_configured()
        self.context["title_placeholders"] = {"name": label_of(await words_of(self.hass), first)}
        return await self._ask_about(first)

    async def async_step_i2c_manual(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Let the person say where a device is and which it is."""
        if user_input is not None:
            self._form_before, self._typed = "i2c_manual", user_input
            if (address := self._bus_address_in(user_input)) is not None:
                self._bus, kind = path_in(user_input[CONF_BUS]), user_input[CONF_PROTOCOL]
                return await self._ask_about(Found(address, kind, kinds()[kind]))
        values = {CONF_BUS: self._bus} if self._bus else {}
        if self._device.address:
            values[CONF_BUS_ADDRESS] = as_text(self._device.address)
        adapters = await bus_scan.buses(self.hass)
        return self._form("i2c_manual", by_hand_schema(adapters), values)

    async def async_step_i2c_device(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask what the device does not tell, and read it."""
        kind = self._device.kind
        assert kind is not None
        if user_input is not None:
            self._form_before, self._typed = "i2c_device", user_input
            self._data = i2c_data(self._bus, self._device.address, kind, user_input)
            if self._fits():
                await self.async_set_unique_id(unique_id_of(self._data), raise_on_progress=False)
                self._abort_if_unique_id_configured()
                await self._abort_if_taken()
                return await self._connect()
        return self._form("i2c_device", device_schema(kind), placeholders={"device": self._name})

    @override
    async def async_step_reconfigure(self, user_input: None = None) -> ConfigFlowResult:
        """Ask how the battery is to be reached; one on a bus stays on one."""
        if self._get_reconfigure_entry().data.get(CONF_WIRE) == WIRE_I2C:
            return await self.async_step_reconfigure_i2c()
        return await super().async_step_reconfigure()

    async def async_step_reconfigure_i2c(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the bus, the address and what the device does not tell."""
        entry = self._get_reconfigure_entry()
        kind = entry.data[CONF_PROTOCOL]
        if user_input is not None:
            self._form_before, self._typed = "reconfigure_i2c", user_input
            if (address := self._bus_address_in(user_input)) is not None:
                self._data = {
                    **kept(entry),
                    **i2c_data(path_in(user_input[CONF_BUS]), address, kind, user_input),
                }
                if self._fits():
                    await self._abort_if_taken(but=entry)
                    return await self._connect()
        schema = move_schema(await bus_scan.buses(self.hass), kind)
        return self._form("reconfigure_i2c", schema, as_filled_in(entry.data), {"device": entry.title})

    async def _look(self, form: str, typed: Mapping[str, Any]) -> ConfigFlowResult:
        self._form_before, self._typed = form, typed
        self._bus = path_in(typed[CONF_BUS])
        self._work = self.hass.async_create_task(self._scan_bus(), "battmon dialog scans a bus")
        return await self.async_step_i2c_scan()

    async def _scan_bus(self) -> None:
        """Look at the bus, or keep why that cannot be done."""
        self._seen, self._failure, self._errors = (), None, {}
        try:
            found = await bus_scan.scan(self.hass, self._bus)
        except BattMonError as error:
            _LOGGER.info("%s cannot be looked at: %s", self._bus, error)
            self._failure = error
            self._errors = {"base": form_error(error, WIRE_I2C)}
            return
        ours = await self._our_addresses_on(self._bus)
        self._seen = [one for one in found if one.address not in ours]

    async def _our_addresses_on(self, bus: str) -> set[int]:
        """Return the addresses at which one battery is, which we have; a chip with channels may have more."""
        return {
            entry.data[CONF_BUS_ADDRESS]
            for entry in await self._entries_on(bus)
            if not any(channel in entry.data for channel in CHANNELS)
        }

    async def _entries_on(self, bus: str) -> list[ConfigEntry]:
        """Return our entries on a bus, by whatever name of it."""
        entries = self._async_current_entries(include_ignore=False)
        there = [entry for entry in entries if entry.data.get(CONF_WIRE) == WIRE_I2C]
        return [entry for entry in there if await bus_scan.is_bus(self.hass, entry.data[CONF_BUS], bus)]

    async def _abort_if_taken(self, but: ConfigEntry | None = None) -> None:
        for entry in await self._entries_on(self._data[CONF_BUS]):
            if entry is not but and all(entry.data.get(name) == self._data.get(name) for name in SIGNIFICANT):
                raise AbortFlow("already_configured")

    async def _ask_about(self, device: Found) -> ConfigFlowResult:
        self._device, self._name = device, label_of(await words_of(self.hass), device)
        return await (self.async_step_i2c_manual() if device.kind is None else self.async_step_i2c_device())

    async def _begin_dialogs(self, devices: Sequence[Found]) -> None:
        """Begin a dialog about each of these: a dialog adds one battery."""
        if not devices:
            return
        begun = await self.hass.config_entries.flow.async_init(
            DOMAIN,
            context={"source": SOURCE_INTEGRATION_DISCOVERY},
            data={CONF_BUS: self._bus, CONF_DEVICES: [tuple(one) for one in devices]},
        )
        self._next_dialog = begun["flow_id"]

    def _bus_address_in(self, user_input: Mapping[str, Any]) -> int | None:
        """Return the address that was typed, `None`, with an error, if it is none."""
        if (address := address_in(user_input[CONF_BUS_ADDRESS])) is None:
            self._errors = {CONF_BUS_ADDRESS: "invalid_bus_address"}
        return address

    def _fits(self) -> bool:
        """Whether the device can be as the person says; if not, with an error."""
        self._unfit = misfit_of(self._data)
        if self._unfit is not None:
            self._errors = {"base": MISFITS[self._unfit.misfit]}
        return self._unfit is None

    @override
    def _given(self) -> dict[str, str]:
        given = {**super()._given(), "bus": self._bus}
        if self._data.get(CONF_WIRE) == WIRE_I2C:
            given["bus"] = self._bus or self._data[CONF_BUS]
            given["address"] = as_text(self._data[CONF_BUS_ADDRESS])
            given["kind"] = kinds()[self._data[CONF_PROTOCOL]]
        return given if self._unfit is None else given | self._unfit.figures
