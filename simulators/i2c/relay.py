"""A bus in one process, its kernel in another: transfers go through a socket, one line of JSON each way."""

import errno
import json
import socket
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingMixIn, UnixStreamServer
from threading import Lock, Thread
from types import TracebackType
from typing import Any, Self, override

from .bus import Bus, Message

POLL = 0.05
"""Seconds within which a server notices that it is to end."""


class _Server(ThreadingMixIn, UnixStreamServer):
    def __init__(self, bus: Bus, path: Path) -> None:
        super().__init__(str(path), _Handler)
        self.bus = bus
        self.connections: set[socket.socket] = set()

    @override
    def server_close(self) -> None:
        """Hang up, and wait until the handlers have noticed."""
        for connection in tuple(self.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        super().server_close()


class _Handler(StreamRequestHandler):
    server: _Server

    @override
    def handle(self) -> None:
        self.server.connections.add(self.connection)
        with suppress(OSError):
            for line in self.rfile:
                self.wfile.write(json.dumps(self._answer(json.loads(line))).encode() + b"\n")

    @override
    def finish(self) -> None:
        self.server.connections.discard(self.connection)
        with suppress(OSError):
            super().finish()

    def _answer(self, asked: Any) -> dict[str, Any]:
        bus = self.server.bus
        if asked == "state":
            return {"present": bus.present, "functions": bus.functions, "taken": sorted(bus.taken)}
        messages = [
            Message(address, None if written is None else bytes.fromhex(written), size)
            for address, written, size in asked
        ]
        try:
            return {"read": [reply.hex() for reply in bus.transfer(messages)]}
        except OSError as error:
            return {"errno": error.errno, "text": error.strerror}


class BusServer:
    """Lets other processes use a bus while the context lasts."""

    def __init__(self, bus: Bus, path: Path) -> None:
        self._server = _Server(bus, path)
        self._path = path
        self._thread = Thread(target=self._serve, name=f"simulated bus {path.name}", daemon=True)

    def _serve(self) -> None:
        self._server.serve_forever(POLL)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._path.unlink(missing_ok=True)


class RemoteBus:
    """A bus that is behind a socket; one that cannot be reached is not there."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._stream: Any = None

    def close(self) -> None:
        """Hang up; the next transfer connects again."""
        stream, self._stream = self._stream, None
        if stream is not None:
            with suppress(OSError):
                stream.close()

    @property
    def present(self) -> bool:
        """Whether the adapter is there."""
        with suppress(OSError):
            return bool(self._ask("state")["present"])
        return False

    @property
    def functions(self) -> int:
        """What the adapter can do."""
        return int(self._ask("state")["functions"])

    @property
    def taken(self) -> set[int]:
        """Addresses that drivers of the kernel have."""
        return set(self._ask("state")["taken"])

    def transfer(self, messages: Sequence[Message]) -> list[bytes]:
        """Carry a combined transfer out there; raises what it raises."""
        answer = self._ask(
            [(one.address, None if one.written is None else one.written.hex(), one.size) for one in messages]
        )
        if "errno" in answer:
            raise OSError(answer["errno"], answer["text"])
        return [bytes.fromhex(reply) for reply in answer["read"]]

    def _ask(self, what: object) -> dict[str, Any]:
        with self._lock:
            try:
                return self._exchange(what)
            except (OSError, ValueError) as error:
                self.close()
                raise OSError(errno.ENODEV, "no such device") from error

    def _exchange(self, what: object) -> dict[str, Any]:
        if self._stream is None:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(str(self._path))
                self._stream = connection.makefile("rwb")
        self._stream.write(json.dumps(what).encode() + b"\n")
        self._stream.flush()
        answer: dict[str, Any] = json.loads(self._stream.readline())
        return answer
