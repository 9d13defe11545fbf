"""Recorded frames and what they stand for, one file a recording: `tests/vectors/<protocol>/*.json`."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, override

FOLDER = Path(__file__).parent.parent / "vectors"


@dataclass(frozen=True)
class Vector:
    """One file."""

    protocol: str
    name: str
    content: dict[str, Any]

    @override
    def __str__(self) -> str:
        return f"{self.protocol}/{self.name}"

    @property
    def answers(self) -> dict[bytes, list[bytes]]:
        """The pieces of the answer to each request, as they came."""
        return {
            bytes.fromhex(request): [bytes.fromhex(piece) for piece in pieces]
            for request, pieces in self.content["answers"].items()
        }


def load(protocol: str, name: str) -> Any:
    """Read one file."""
    return json.loads((FOLDER / protocol / f"{name}.json").read_text(encoding="utf-8"))


VECTORS = [
    Vector(path.parent.name, path.stem, content)
    for path in sorted(FOLDER.glob("*/*.json"))
    if "answers" in (content := load(path.parent.name, path.stem))
]
