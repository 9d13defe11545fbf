"""The Home Assistant process: makes the configuration where it is missing, then starts Home Assistant.

Started by `process.py`. The start is trimmed to what batteries need by changing Home Assistant's list of
default integrations before it is read; the integration that is shown notices nothing of that.
"""

import os
import signal
import sys
import threading
from pathlib import Path
from time import sleep
from types import ModuleType

from homeassistant import __main__ as home_assistant
from homeassistant import bootstrap
from homeassistant.const import __version__

from .folder import Folder
from .seed import listen_on, seed

KEEP = {
    "automation",
    "battery",
    "brands",
    "frontend",
    "hardware",
    "labs",
    "logger",
    "network",
    "scene",
    "script",
    "system_health",
    "zone",
}
"""Of the integrations that are always set up, those a visitor of batteries meets."""

# Voice packages without wheels: a browser that connects asks for all actions, which imports their users.
STAND_INS = {"pymicro_vad": ("Vad",), "pyspeex_noise": ("AudioProcessor",)}

_STOPPING = 20.0
"""Home Assistant may take this long to stop without its parent, in s."""


def end_with_parent() -> None:
    """Stop when standard input, a pipe from the parent, closes: the parent may have been killed."""

    def wait() -> None:
        # Not through sys.stdin: its lock, held while Python ends, would make that end a crash.
        while os.read(0, 1):
            pass
        os.kill(os.getpid(), signal.SIGTERM)
        sleep(_STOPPING)
        os._exit(1)

    threading.Thread(target=wait, name="parent watch", daemon=True).start()


def stand_in(module: str, names: tuple[str, ...]) -> None:
    """Let `module` be imported without being there."""
    sys.modules[module] = replacement = ModuleType(module)
    for name in names:
        setattr(replacement, name, object)


def prepare(folder: Folder, port: int) -> None:
    """Bring the configuration into a state to start from."""
    if not folder.is_complete(__version__):
        seed(folder)
        folder.mark_complete(__version__)
    listen_on(folder, port)
    folder.link_components()


def main() -> int:
    """Run Home Assistant in a folder, on a port."""
    folder, port = Folder(Path(sys.argv[1])), int(sys.argv[2])
    end_with_parent()
    prepare(folder, port)
    bootstrap.DEFAULT_INTEGRATIONS &= KEEP
    # As adapters are: before the integrations that connect through them.
    bootstrap.STAGE_1_INTEGRATIONS.update({"simulated_radio", "simulated_bus"})
    for module, names in STAND_INS.items():
        stand_in(module, names)
    sys.argv = ["hass", "--config", str(folder.config), "--skip-pip", "--log-no-color"]
    return home_assistant.main()


if __name__ == "__main__":
    sys.exit(main())
