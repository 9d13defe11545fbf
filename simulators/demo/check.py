"""`script/demo --check`: starts the demo afresh on a port of its own and asserts what it shows."""

import asyncio
import inspect
import re
import socket
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Coroutine, Iterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from typing import Any, BinaryIO

from . import claims, flows
from .batteries import THREADS
from .claims import failsafe, joined, setup
from .client import ClientError
from .demo import Demo, StartFailed
from .folder import Folder
from .signals import end_on_signals
from .stage import Stage, Wrong, expect, restless_batteries, spare_battery

SECOND_START = 30.0
"""A second start is ready within this time, in s."""
EXPECTED = re.compile(
    r"Skipping pip installation"
    r"|custom integration (battmon|simulated_radio|simulated_bus) which has not been tested"
    # The plug that is pulled, the boat that sails away, the bus that goes, and the commands that must fail.
    r"|(House battery|Boat battery|House shunt|Cabin A|Cabin string) is out of sight"
    r"|(Mower battery|Drone battery [12]|Garden battery) is out of sight"
    r"|The balancing setting was written a moment ago"
    r"|The battery acknowledged the command but did not carry it out"
    r"|Not switched off: Cabin bank carries"
    r"|Cabin string is not opened under"
)
"""All that may be logged above level info."""
_ENTRY = re.compile(r"^\d{4}-\d\d-\d\d \S+ (WARNING|ERROR|CRITICAL) ")


class Report:
    """Prints a line for each assertion and remembers whether any failed."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self.failed = 0

    async def record(self, claim: str, work: Awaitable[str | None]) -> None:
        """Do the work of an assertion and print how it went, with what it measured."""
        begun = time.monotonic()
        try:
            measured = await work
        except (Wrong, ClientError, StartFailed, LookupError) as err:
            self.failed += 1
            self._print("FAILED", begun, f"{claim} {type(err).__name__}: {err}")
        else:
            self._print("ok", begun, f"{claim} {measured or ''}".rstrip())

    def close(self) -> int:
        """Print the sum and return the exit status."""
        verdict = f"{self.failed} failed" if self.failed else "all is well"
        print(f"{verdict} ({time.monotonic() - self._begun:.0f} s)", file=sys.stderr)
        return 1 if self.failed else 0

    @staticmethod
    def _print(verdict: str, begun: float, text: str) -> None:
        print(f"{verdict:6} {time.monotonic() - begun:5.1f} s  {text}", file=sys.stderr, flush=True)


async def main() -> int:
    """Run every assertion and return the exit status."""
    report = Report()
    with tempfile.TemporaryDirectory(prefix="battmon-demo-") as path:
        check = Check(Folder(Path(path)), free_port(), report)
        end_on_signals(check.kill)
        try:
            await check.run()
        except asyncio.CancelledError:
            print("ended before it was done", file=sys.stderr)
            return 1
    return report.close()


class Check:
    """Two starts in one folder, with all claims in the first."""

    def __init__(self, folder: Folder, port: int, report: Report) -> None:
        self._folder = folder
        self._port = port
        self._report = report
        self._output = folder.path / "output"
        self._demo: Demo | None = None
        self._held: dict[str, str] = {}
        """The levels of the workshop's battery when the first start ended."""

    def kill(self) -> None:
        """End Home Assistant at once."""
        if self._demo is not None:
            self._demo.home.kill()

    async def run(self) -> None:
        """Record everything that is claimed."""
        self._folder.lock()
        record = self._report.record
        with self._output.open("wb") as output:
            await record("The demo starts, becomes ready and ends.", self._first_start(output))
            await record("A second start finds everything as it was.", self._second_start(output))
        await record("Nothing is left running.", self._nothing_left())
        await record("The log holds nothing unexpected.", self._clean_log())
        if self._report.failed:
            print(self._output.read_text(errors="replace"), file=sys.stderr)

    async def _first_start(self, output: BinaryIO) -> None:
        self._demo = Demo(self._folder, self._port, output.fileno(), restless_batteries(self._folder))
        async with self._demo:
            stage = Stage(self._demo, spare_battery(self._folder))
            await stage.find_entities()
            async with _running(stage.watch()), _running(stage.listen()):
                await stage.run_down()
                with stage.spare:
                    for claim in claims.ALL:
                        await self._report.record(inspect.getdoc(claim) or "", claim(stage))
            self._held = await stage.states(stage.workshop, failsafe.LEVELS)

    async def _second_start(self, output: BinaryIO) -> None:
        before, begun = self._folder.entries(), time.monotonic()
        self._demo = Demo(self._folder, self._port, output.fileno())
        async with self._demo:
            seconds = time.monotonic() - begun
            titles = (await flows.titles(self._demo.client)).values()
            states = await flows.entry_states(self._demo.client)
            stage = Stage(self._demo, spare_battery(self._folder))
            await self._expect_kept_levels(stage)
            await joined.expect_whole(stage)
        expect(seconds < SECOND_START, f"it took {seconds:.1f} s")
        added = setup.added_at_once(self._demo.fleet)
        expect(
            before.keys() == {battery.key for battery in added} and self._folder.entries() == before,
            f"{before} became {self._folder.entries()}",
        )
        expect(
            sorted(titles) == sorted(battery.name for battery in self._demo.fleet.known),
            f"Home Assistant has {titles}",
        )
        expect(set(states.values()) == {"loaded"}, f"their entries are {states}")

    async def _expect_kept_levels(self, stage: Stage) -> None:
        """Raise Wrong unless the levels of the first start hold, and fall once all begins anew."""
        await stage.find_entities()
        states = await stage.states(stage.workshop, failsafe.LEVELS)
        expect(states == self._held, f"the {stage.workshop.name} was {self._held} and is {states}")
        expect(
            "none" not in (states["sensor.failsafe"], states["sensor.discharge_level"]), "nothing was held"
        )
        await stage.run_down()
        await failsafe.expect_levels(stage, stage.workshop, "none", "none", "none")

    async def _nothing_left(self) -> None:
        with closing(socket.socket()) as probe:
            expect(probe.connect_ex(("127.0.0.1", self._port)) != 0, "something still listens on the port")
        expect(not any(self._folder.ports.iterdir()), "a serial port is still there")
        sockets = self._folder.radio, self._folder.bus_socket, self._folder.bus
        left = [path.name for path in sockets if path.exists()]
        expect(not left, f"of what is simulated there is still {left}")
        threads = [thread.name for thread in threading.enumerate() if thread.name.startswith(THREADS)]
        expect(not threads, f"these still run: {threads}")
        expect(not self._folder.token.exists(), "the token is still there")

    async def _clean_log(self) -> None:
        text = self._output.read_text(errors="replace")
        expect("battmon" in text, "nothing at all was logged")
        surprises = list(unexpected(text))
        expect(not surprises, "; ".join(surprises[:5]))


def free_port() -> int:
    """Return a port that nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def _running(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Do some work beside everything else; if it fails, so does all."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def unexpected(log: str) -> Iterator[str]:
    """Yield the lines of a log that must not be there."""
    for line in log.splitlines():
        if (_ENTRY.match(line) and not EXPECTED.search(line)) or line.startswith("Traceback"):
            yield line
