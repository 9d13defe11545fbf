"""The folder in which one demo keeps everything: configuration, token, links to the simulated ports.

.demo/PORT/config/          Home Assistant's configuration folder
.demo/PORT/config.aside/    a configuration that could not be used, kept for a look
.demo/PORT/ports/           a link for each battery to the pseudo-terminal of the moment
.demo/PORT/radio            the socket of the room in which a battery advertises
.demo/PORT/i2c-1            the name of an I2C bus, and bus, the socket behind it
.demo/PORT/token            a long-lived token while the demo is ready
"""

import fcntl
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
DASHBOARD = "demo-batteries"
"""Path of the dashboard below /. Home Assistant wants a hyphen in it."""
COMPONENTS = {
    # Without it, Home Assistant would find the checkout's folder of the same name instead.
    "__init__.py": CHECKOUT / "custom_components" / "__init__.py",
    "battmon": CHECKOUT / "custom_components" / "battmon",
    "simulated_radio": CHECKOUT / "simulators" / "bluetooth" / "radio",
    "simulated_bus": CHECKOUT / "simulators" / "i2c" / "adapter",
}
"""What the configuration folder links to."""

_SEED = 5
"""Raised whenever what is written before the first start changes, or what the dialogs are told."""
_NEEDED = ("auth", "auth_provider.homeassistant", "core.config_entries", "http", "onboarding")


class FolderInUse(Exception):
    """Another demo works in this folder."""


@dataclass(frozen=True)
class Folder:
    """Where one demo lives."""

    path: Path

    @property
    def config(self) -> Path:
        """Home Assistant's configuration folder."""
        return self.path / "config"

    @property
    def storage(self) -> Path:
        """Where Home Assistant keeps its own files."""
        return self.config / ".storage"

    @property
    def ports(self) -> Path:
        """Where the links to the simulated serial ports stand."""
        return self.path / "ports"

    @property
    def radio(self) -> Path:
        """The socket of the simulated radio."""
        return self._socket("radio")

    @property
    def bus(self) -> Path:
        """Under which name the simulated I2C bus opens, with no links in it."""
        return self.path.resolve() / "i2c-1"

    @property
    def bus_socket(self) -> Path:
        """The socket of the simulated I2C bus."""
        return self._socket("bus")

    def _socket(self, name: str) -> Path:
        """Return the path of a socket from the checkout, where all of the demo's processes work."""
        # It must be shorter than 108 bytes, and the path of the checkout itself may be longer.
        return Path(os.path.relpath(self.path / name, CHECKOUT))

    @property
    def token(self) -> Path:
        """The token for scripts; it is here while the demo is ready."""
        return self.path / "token"

    @property
    def log(self) -> Path:
        """The log that Home Assistant writes."""
        return self.config / "home-assistant.log"

    @property
    def _mark(self) -> Path:
        return self.config / ".complete"

    @property
    def _secret(self) -> Path:
        return self.config / ".secret"

    @property
    def _entries(self) -> Path:
        return self.config / ".entries.json"

    def lock(self) -> int:
        """Take the folder for this process; it is free again when the process ends in whatever way."""
        self.ports.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as err:
            os.close(descriptor)
            raise FolderInUse(str(self.path)) from err
        return descriptor

    def is_complete(self, version: str) -> bool:
        """Tell whether the configuration was made to the end, for this version, and can be read."""
        try:
            return self._mark.read_text() == _mark(version) and all(
                isinstance(json.loads((self.storage / key).read_text())["data"], dict) for key in _NEEDED
            )
        except OSError, ValueError, KeyError, TypeError:
            return False

    def mark_complete(self, version: str) -> None:
        """Say that everything needed before the first start is written."""
        self._mark.write_text(_mark(version))

    def set_aside(self) -> None:
        """Move the configuration out of the way, over the one that was set aside before."""
        aside = self.path / "config.aside"
        shutil.rmtree(aside, ignore_errors=True)
        self.config.rename(aside)

    def link_components(self) -> None:
        """Let Home Assistant load the integration of this checkout, and the simulated radio and bus."""
        folder = self.config / "custom_components"
        folder.mkdir(parents=True, exist_ok=True)
        for name, target in COMPONENTS.items():
            link = folder / name
            link.unlink(missing_ok=True)
            link.symlink_to(target)

    def write_secret(self, token: str) -> None:
        """Keep the token for later starts."""
        _write_private(self._secret, token)

    def show_token(self) -> None:
        """Put the token where scripts look for it."""
        _write_private(self.token, self.read_secret())

    def read_secret(self) -> str:
        """Return the token that was made with the configuration."""
        return self._secret.read_text()

    def entries(self) -> dict[str, str]:
        """Return the config entry's id by the name of the battery, as of the last start."""
        try:
            entries: dict[str, str] = json.loads(self._entries.read_text())
        except OSError, ValueError:
            return {}
        return entries

    def remember_entry(self, battery: str, entry_id: str) -> None:
        """Remember which config entry was made for a battery."""
        self._entries.write_text(json.dumps(self.entries() | {battery: entry_id}))


def _mark(version: str) -> str:
    return f"{version} {_SEED}"


def _write_private(path: Path, content: str) -> None:
    """Write a file whole or not at all, readable by its owner only."""
    draft = path.with_name(path.name + ".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(content)
    draft.replace(path)
