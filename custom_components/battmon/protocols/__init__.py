"""Every protocol that BattMon speaks, one device family a file."""

from .jbd import Jbd
from .protocol import Protocol

PROTOCOLS: dict[str, type[Protocol]] = {protocol.key: protocol for protocol in (Jbd,)}
