"""What all lines share: a thread that carries bytes between a port and an endpoint, and sleeps otherwise."""

import os
from abc import abstractmethod
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack, suppress
from selectors import EVENT_READ, DefaultSelector
from threading import Event, Thread, current_thread
from time import monotonic
from typing import Self, override

from .device import Device
from .endpoint import Endpoint
from .faults import FaultPanel
from .running import Running

TICK = 5.0
"""A device that nobody talks to lives on in steps of this length, in s."""


class Line(Running):
    """A port with a device behind it; start, stop, or use as a context."""

    def __init__(self, device: Device, baud_rate: int | None, faults: FaultPanel | None) -> None:
        self._endpoint = Endpoint(device, baud_rate, faults)
        self.faults = self._endpoint.faults
        self._selector: DefaultSelector | None = None
        self._thread: Thread | None = None
        self._wake_read = self._wake_write = -1
        self._jobs: deque[Callable[[], None]] = deque()
        self._running = False
        self.plugged = False
        """The port is there."""

    # The port, by kind of line; called in the line's own thread.

    @abstractmethod
    def _open(self) -> None:
        """Make the port and `_watch` it."""

    @abstractmethod
    def _close(self) -> None:
        """Take the port away."""

    @abstractmethod
    def _write(self, data: bytes) -> None:
        """Send to whoever has the port open; without one the bytes are lost."""

    # What tests do.

    @property
    def device(self) -> Device:
        """The device behind the port now."""
        return self._endpoint.device

    @property
    def endpoint(self) -> Endpoint:
        """The byte machine, with its counts of bytes."""
        return self._endpoint

    @override
    def start(self) -> Self:
        """Make the port and begin to serve it."""
        if self._thread is not None:
            raise RuntimeError("the line has been started")
        self._selector = DefaultSelector()
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        self._selector.register(self._wake_read, EVENT_READ, self._woken)
        self.faults.unplug = self._unplug
        self.faults.speak = self.say
        self._running = True
        self._thread = Thread(target=self._serve, name="simulated line", daemon=True)
        self._thread.start()
        with ExitStack() as undo:
            undo.callback(self.stop)
            self._call(self._plug)
            undo.pop_all()
        return self

    @override
    def stop(self) -> None:
        """Take the port away, end the thread and close everything."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self._jobs.append(self._finish)
        os.write(self._wake_write, b"\0")
        thread.join()
        if self.plugged:
            # The thread has died before it could.
            self._unplug()
        self.faults.unplug = self.faults.speak = None
        os.close(self._wake_read)
        os.close(self._wake_write)
        assert self._selector is not None
        self._selector.close()

    def vanish(self) -> None:
        """Pull the plug: whoever has the port open sees it end."""
        self._call(self._unplug)

    def reappear(self) -> None:
        """Plug in again, at the same address."""
        self._call(self._plug)

    def replace(self, device: Device) -> None:
        """Put another device behind the port."""
        self._call(lambda: self._exchange(device))

    def say(self, data: bytes) -> None:
        """Send bytes that nobody asked for."""
        self._call(lambda: self._endpoint.say(data, monotonic()))

    def run(self, action: Callable[[], None]) -> None:
        """Do something to the device between two bytes, in the thread that serves it."""
        self._call(action)

    # The thread.

    def _call(self, action: Callable[[], None]) -> None:
        """Have the thread do something, wait until it has, and raise what went wrong with the port."""
        thread = self._thread
        if thread is None:
            raise RuntimeError("the line is not running")
        if current_thread() is thread:
            action()
            return
        done = Event()
        errors: list[OSError] = []

        def job() -> None:
            try:
                action()
            except OSError as error:
                errors.append(error)
            done.set()

        self._jobs.append(job)
        os.write(self._wake_write, b"\0")
        while not done.wait(0.5):
            if not thread.is_alive():
                raise RuntimeError("the line's thread has died of an error")
        if errors:
            raise errors[0]

    def _serve(self) -> None:
        assert self._selector is not None
        while self._running:
            for key, _ in self._selector.select(self._patience()):
                # An earlier action of this round may have closed the port.
                if key.fd in self._selector.get_map():
                    key.data()
            while self._jobs:
                self._jobs.popleft()()
            self._pump()

    def _patience(self) -> float:
        due = self._endpoint.next_due
        return TICK if due is None else min(TICK, max(0.0, due - monotonic()))

    def _pump(self) -> None:
        now = monotonic()
        for piece in self._endpoint.due(now):
            if self.plugged:
                self._write(piece)
        if self._endpoint.next_due is None:
            self._endpoint.device.tick(now)

    def _received(self, data: bytes) -> None:
        self._endpoint.receive(data, monotonic())

    def _watch(self, fd: int, action: Callable[[], None]) -> None:
        assert self._selector is not None
        self._selector.register(fd, EVENT_READ, action)

    def _unwatch(self, fd: int) -> None:
        assert self._selector is not None
        self._selector.unregister(fd)

    def _woken(self) -> None:
        with suppress(BlockingIOError):
            os.read(self._wake_read, 4096)

    def _plug(self) -> None:
        if not self.plugged:
            self._open()
            self.plugged = True

    def _unplug(self) -> None:
        if self.plugged:
            self.plugged = False
            self._close()
            self._endpoint.reset()
            self._endpoint.device.disconnected(monotonic())

    def _exchange(self, device: Device) -> None:
        self._endpoint.reset()
        self._endpoint.device = device

    def _finish(self) -> None:
        self._unplug()
        self._running = False
