"""A device behind a TCP server on this machine, as a serial-to-network adapter: for socket:// addresses."""

import socket
from contextlib import suppress
from typing import override

from .device import Device
from .faults import FaultPanel
from .line import Line


class TcpLine(Line):
    """A server on 127.0.0.1 for one client at a time; a newcomer replaces whoever was there."""

    def __init__(
        self, device: Device, port: int = 0, baud_rate: int | None = 9600, faults: FaultPanel | None = None
    ) -> None:
        """Port 0 picks a free one, which is kept when the line vanishes and comes back."""
        super().__init__(device, baud_rate, faults)
        self.port = port
        self._server: socket.socket | None = None
        self._client: socket.socket | None = None

    @property
    def url(self) -> str:
        """What to open."""
        return f"socket://127.0.0.1:{self.port}"

    @override
    def _open(self) -> None:
        server = socket.create_server(("127.0.0.1", self.port))
        server.setblocking(False)
        self.port = server.getsockname()[1]
        self._server = server
        self._watch(server.fileno(), self._accept)

    @override
    def _close(self) -> None:
        self._hang_up()
        if self._server is not None:
            self._unwatch(self._server.fileno())
            self._server.close()
            self._server = None

    def _accept(self) -> None:
        assert self._server is not None
        with suppress(BlockingIOError, ConnectionError):
            client, _ = self._server.accept()
            self._hang_up()
            client.setblocking(False)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._client = client
            self._watch(client.fileno(), self._read)

    def _hang_up(self) -> None:
        if self._client is not None:
            self._unwatch(self._client.fileno())
            self._client.close()
            self._client = None

    def _read(self) -> None:
        assert self._client is not None
        try:
            data = self._client.recv(4096)
        except ConnectionError:
            data = b""
        if data:
            self._received(data)
        else:
            self._hang_up()

    @override
    def _write(self, data: bytes) -> None:
        if self._client is not None:
            with suppress(BlockingIOError, ConnectionError):
                self._client.send(data)
