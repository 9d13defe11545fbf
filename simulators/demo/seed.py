"""What a configuration folder holds before the first start, so that it opens signed in and set up.

Runs in the Home Assistant process: the owner is made with Home Assistant's own classes.
"""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from homeassistant.auth import auth_manager_from_config
from homeassistant.auth.const import GROUP_ID_ADMIN
from homeassistant.auth.models import TOKEN_TYPE_LONG_LIVED_ACCESS_TOKEN
from homeassistant.auth.providers.homeassistant import HassAuthProvider
from homeassistant.components.http.config import HTTP_STORAGE_SCHEMA
from homeassistant.config_entries import ConfigEntries
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er

from .folder import DASHBOARD, Folder

USER = PASSWORD = "demo"

CONFIGURATION = """\
homeassistant:
  name: BattMon demo
  latitude: 48.2
  longitude: 16.37
  elevation: 170
  unit_system: metric
  time_zone: Europe/Vienna
  country: AT
  currency: EUR
  language: en
  auth_providers:
    - type: trusted_networks
      trusted_networks: [127.0.0.1/32, "::1/128"]
      allow_bypass_login: true
    - type: homeassistant
frontend:
config:
history:
logbook:
energy:
recorder:
  commit_interval: 1
logger:
  default: warning
  logs:
    # Neither libturbojpeg nor ffmpeg is needed to watch batteries.
    homeassistant.components.camera.img_util: critical
    haffmpeg: critical
simulated_radio:
  socket: {radio}
simulated_bus:
  path: {bus}
  socket: {bus_socket}
"""


def seed(folder: Folder) -> None:
    """Fill an empty configuration folder with all but the address."""
    folder.storage.mkdir(parents=True, exist_ok=True)
    paths = {"radio": folder.radio, "bus": folder.bus, "bus_socket": folder.bus_socket}
    configuration = CONFIGURATION.format(**{name: json.dumps(str(path)) for name, path in paths.items()})
    (folder.config / "configuration.yaml").write_text(configuration)
    for key, version, minor_version, data in _stores():
        _store(folder, key, version, minor_version, data)
    folder.write_secret(asyncio.run(_make_owner(folder.config)))


def listen_on(folder: Folder, port: int) -> None:
    """Set the address: since 2026.11 an `http:` section in YAML is only a trial of five minutes."""
    server = HTTP_STORAGE_SCHEMA({"server_host": ["127.0.0.1"], "server_port": port})
    server |= {"created_at": datetime.now(UTC).isoformat(), "error": None, "error_message": None}
    _store(folder, "http", 3, 1, {"stable": server, "pending": None, "yaml_migration_done": True})


def _stores() -> tuple[tuple[str, int, int, Mapping[str, Any]], ...]:
    """Rows of storage key, version, minor version and data, as Home Assistant 2026.11 writes them."""
    return (
        ("onboarding", 4, 1, {"done": ["user", "core_config", "analytics", "integration"]}),
        ("frontend.system_data", 1, 1, {"core": {"default_panel": DASHBOARD}}),
        ("core.config_entries", 1, 5, {"entries": [_disabled_marketplace()]}),
    )


def _disabled_marketplace() -> dict[str, Any]:
    """Return the entry that keeps the marketplace from reading its catalogue off the internet."""
    now = datetime.now(UTC).isoformat()
    return {
        "created_at": now,
        "data": {},
        "disabled_by": "user",
        "discovery_keys": {},
        "domain": "marketplace",
        "entry_id": "0000000000000000000MARKETX",
        "minor_version": 1,
        "modified_at": now,
        "options": {},
        "pref_disable_new_entities": False,
        "pref_disable_polling": False,
        "source": "system",
        "subentries": [],
        "title": "Marketplace",
        "unique_id": None,
        "version": 1,
    }


def _store(folder: Folder, key: str, version: int, minor_version: int, data: Mapping[str, Any]) -> None:
    content = {"version": version, "minor_version": minor_version, "key": key, "data": data}
    (folder.storage / key).write_text(json.dumps(content, indent=2))


async def _make_owner(config: Path) -> str:
    """Make the only user, who is the owner, and return a token that is valid for ten years."""
    hass = HomeAssistant(str(config))
    hass.config_entries = ConfigEntries(hass, {})
    await hass.config_entries.async_initialize()
    dr.async_setup(hass)
    await asyncio.gather(dr.async_load(hass), er.async_load(hass))
    hass.auth = await auth_manager_from_config(hass, [{"type": "homeassistant"}], [])
    token = await _add_user(hass)
    # Only a forced stop reaches the final write, in which the auth store is saved.
    await hass.async_stop(force=True)
    return token


async def _add_user(hass: HomeAssistant) -> str:
    provider = hass.auth.get_auth_provider("homeassistant", None)
    assert isinstance(provider, HassAuthProvider)
    await provider.async_initialize()
    await provider.async_add_auth(USER, PASSWORD)
    user = await hass.auth.async_create_user("Demo", group_ids=[GROUP_ID_ADMIN])
    await hass.auth.async_link_user(user, await provider.async_get_or_create_credentials({"username": USER}))
    refresh_token = await hass.auth.async_create_refresh_token(
        user,
        client_name="BattMon demo",
        token_type=TOKEN_TYPE_LONG_LIVED_ACCESS_TOKEN,
        access_token_expiration=timedelta(days=3650),
    )
    return hass.auth.async_create_access_token(refresh_token)
