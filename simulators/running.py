"""What is started and stopped, or used as a context."""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Running(ABC):
    """Serves from its start to its stop."""

    @abstractmethod
    def start(self) -> Self:
        """Begin to serve."""

    @abstractmethod
    def stop(self) -> None:
        """End what was begun, if it was."""

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()
