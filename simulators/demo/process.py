"""The Home Assistant process as its parent sees it."""

import asyncio
import os
import signal
import sys
from contextlib import suppress
from typing import IO

from .folder import CHECKOUT, Folder

RESTART = 100
"""What Home Assistant exits with when somebody asks it to restart."""

_STOPPING = 20.0
"""Home Assistant writes its stores while it stops; after this many s it is killed."""


class HomeProcess:
    """Home Assistant, running in a process group of its own."""

    def __init__(self, folder: Folder, port: int, output: IO[bytes] | int) -> None:
        """Prepare to run in `folder`, with all that it prints going to `output`."""
        self._folder = folder
        self._port = port
        self._output = output
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it; being started is not being ready."""
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "simulators.demo.home", str(self._folder.path), str(self._port)),
            cwd=CHECKOUT,
            env=environment,
            # Nothing is ever written: the pipe closes when this process ends, however it ends.
            stdin=asyncio.subprocess.PIPE,
            stdout=self._output,
            stderr=self._output,
            start_new_session=True,
        )

    async def ended(self) -> int:
        """Wait until it has ended and return its exit status."""
        assert self._process is not None
        return await self._process.wait()

    async def stop(self) -> None:
        """End it, by force if it takes too long."""
        if self._process is None:
            return
        self._signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(_STOPPING):
                await self._process.wait()
        finally:
            self.kill()

    def kill(self) -> None:
        """End the process and everything that it started, at once."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)
