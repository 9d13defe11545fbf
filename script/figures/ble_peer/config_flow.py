"""Home Assistant loads no entry of an integration without a flow."""

from homeassistant.config_entries import ConfigFlow


class PeerConfigFlow(ConfigFlow, domain="ble_peer"):
    """Never shown."""
