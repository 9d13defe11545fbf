"""A process that measures when asked, so that sides which take turns share nothing but the machine."""

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import IO


class Side:
    """What asks such a process."""

    def __init__(self, questions: IO[str], answers: IO[str]) -> None:
        self._questions = questions
        self._answers = answers

    def hear(self) -> str:
        """Return the next line that it says."""
        return self._answers.readline().strip()

    def ask(self, wanted: str = "turn") -> str:
        """Return the answer, a line."""
        print(wanted, file=self._questions, flush=True)
        return self.hear()

    def seconds_per_sample(self) -> float:
        """Measure a turn."""
        return float(self.ask())


@contextmanager
def side(module: str, *arguments: str) -> Iterator[Side]:
    """Run a module of this package until nobody asks any more."""
    command = [sys.executable, "-P", "-m", f"{__package__}.{module}", *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield Side(process.stdin, process.stdout)
        process.stdin.close()


async def serve(answer: Callable[[str], Awaitable[object]]) -> None:
    """Answer every line of standard input until it ends."""
    loop = asyncio.get_running_loop()
    while wanted := await loop.run_in_executor(None, sys.stdin.readline):
        print(await answer(wanted.strip()), flush=True)
