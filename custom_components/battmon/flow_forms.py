"""What the dialogs ask and tell: schemas, errors and descriptions."""

from collections.abc import Iterable, Mapping

import voluptuous as vol

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

from . import sources
from .errors import key_of
from .model.errors import (
    AddressTaken,
    BadFrame,
    BattMonError,
    BusBlocked,
    LinkDown,
    Lock,
    NoReply,
    NotABus,
    NotPermitted,
    NotThere,
    OtherDevice,
)
from .model.identity import Fingerprint
from .sources.bluetooth import Nearby
from .sources.bus import Misfit
from .sources.settings import (
    CONF_ADDRESS,
    CONF_BAUD_RATE,
    CONF_BLUETOOTH_PASSWORD,
    CONF_DEVICE,
    CONF_PASSWORD,
    CONF_PROTOCOL,
    WIRE_BLUETOOTH,
    WIRE_I2C,
)

SECTION_LINE = "line"
DEFAULT_PROTOCOL = "jbd"

PASSWORD_SELECTOR = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD))
BAUD_RATE_SELECTOR = NumberSelector(
    NumberSelectorConfig(min=300, max=921600, step=1, mode=NumberSelectorMode.BOX)
)
NOTHING_SCHEMA = vol.Schema({})
PASSWORD_SCHEMA = vol.Schema({vol.Required(CONF_PASSWORD): PASSWORD_SELECTOR})
BLUETOOTH_PASSWORD_SCHEMA = vol.Schema({vol.Required(CONF_BLUETOOTH_PASSWORD): PASSWORD_SELECTOR})
PASSWORDS_SCHEMA = vol.Schema(
    {
        vol.Optional(CONF_PASSWORD): PASSWORD_SELECTOR,
        vol.Optional(CONF_BLUETOOTH_PASSWORD): PASSWORD_SELECTOR,
    }
)
PASSWORD_SCHEMAS = {
    Lock.BATTERY: PASSWORD_SCHEMA,
    Lock.BLUETOOTH: BLUETOOTH_PASSWORD_SCHEMA,
    None: PASSWORDS_SCHEMA,
}
"""What to ask for where one of these is missing or wrong, or where nobody knows which."""

BLUETOOTH_ERRORS = {
    "link_down": "bluetooth_link_down",
    "no_reply": "bluetooth_no_reply",
    "bad_frame": "bluetooth_bad_frame",
}
"""Errors that ask a person to look elsewhere than at a port and its cable."""
I2C_ERRORS: dict[type[BattMonError], str] = {
    NotThere: "i2c_no_bus",
    NotPermitted: "i2c_no_permission",
    AddressTaken: "i2c_in_use",
    NotABus: "i2c_not_a_bus",
    LinkDown: "i2c_link_down",
    BusBlocked: "i2c_blocked",
    NoReply: "i2c_no_reply",
    OtherDevice: "i2c_other_device",
    BadFrame: "i2c_bad_frame",
}
"""The same on an I2C bus; the first that fits counts."""
MISFITS = {misfit: f"unfit_{misfit}" for misfit in Misfit}
"""What a form says about settings that do not fit a device."""


def form_error(error: BattMonError, wire: str) -> str:
    """Return the key of the error that a form shows for a battery on this wire."""
    key = key_of(error)
    if wire == WIRE_I2C:
        return next((text for kind, text in I2C_ERRORS.items() if isinstance(error, kind)), key)
    return BLUETOOTH_ERRORS.get(key, key) if wire == WIRE_BLUETOOTH else key


def serial_schema() -> vol.Schema:
    """Return the form about a serial port."""
    return vol.Schema(
        {
            vol.Required(CONF_DEVICE): SerialPortSelector(),
            vol.Required(CONF_PROTOCOL, default=DEFAULT_PROTOCOL): _kinds(sources.protocols()),
            vol.Optional(SECTION_LINE): section(
                vol.Schema({vol.Optional(CONF_BAUD_RATE): BAUD_RATE_SELECTOR}),
                {"collapsed": True},
            ),
        }
    )


def reconfigure_serial_schema() -> vol.Schema:
    """Return the form about a serial port and the password of the battery behind it."""
    return serial_schema().extend({vol.Optional(CONF_PASSWORD): PASSWORD_SELECTOR})


def pick_schema(devices: Iterable[Nearby]) -> vol.Schema:
    """Return the form that lets a person choose among batteries; without a choice it looks again."""
    selector = SelectSelector(SelectSelectorConfig(options=_labels(devices), mode=SelectSelectorMode.LIST))
    return vol.Schema({vol.Optional(CONF_ADDRESS): selector})


def device_schema(devices: Iterable[Nearby]) -> vol.Schema:
    """Return the form about any Bluetooth device: its address may be typed."""
    selector = SelectSelector(
        SelectSelectorConfig(options=_labels(devices), custom_value=True, mode=SelectSelectorMode.DROPDOWN)
    )
    return vol.Schema(
        {
            vol.Required(CONF_ADDRESS): selector,
            vol.Required(CONF_PROTOCOL, default=DEFAULT_PROTOCOL): _kinds(sources.bluetooth_protocols()),
        }
    )


def reconfigure_device_schema(devices: Iterable[Nearby]) -> vol.Schema:
    """Return the form about any Bluetooth device with its passwords."""
    return device_schema(devices).extend(PASSWORDS_SCHEMA.schema)


def _kinds(names: Mapping[str, str]) -> SelectSelector:
    options = [SelectOptionDict(value=key, label=name) for key, name in names.items()]
    return SelectSelector(SelectSelectorConfig(options=options, mode=SelectSelectorMode.DROPDOWN))


def _labels(devices: Iterable[Nearby]) -> list[SelectOptionDict]:
    return [SelectOptionDict(value=device.address, label=_label(device)) for device in devices]


def _label(device: Nearby) -> str:
    name = device.address if device.name == device.address else f"{device.name} ({device.address})"
    return f"{name}, {device.signal} dBm"


def friendly_name(device: Nearby) -> str:
    """Return a name that tells a device from others of its kind: all of them may advertise the same."""
    name = device.name
    if name == device.address:
        kind = sources.bluetooth_protocols().get(device.protocol or "", "Bluetooth")
        name = kind.partition(" (")[0]  # without the names of the re-brandings
    return f"{name} ({device.address[-5:].replace(':', '')})"


def suggested_name(fingerprint: Fingerprint) -> str:
    """Return what to call a battery unless its owner knows better."""
    identity = fingerprint.identity
    return identity.model or identity.manufacturer or "Battery"
