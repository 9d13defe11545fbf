"""Asking at many addresses of a bus who is there."""

from collections.abc import AsyncIterator, Callable, Iterable

from ..model.errors import AddressTaken, LinkDown, NoReply
from ..protocols.conversation import Conversation
from .i2c import Bus, I2cWire

ADDRESS_TIME = 2.0
"""Seconds that an address has."""
MOST_FAILURES = 3
"""Addresses one after the other at which the bus fails: then it is the bus, and no device."""


async def scan[T](
    bus: Bus, addresses: Iterable[int], recognise: Callable[[int], Conversation[T | None]]
) -> AsyncIterator[tuple[int, T | AddressTaken | NoReply]]:
    """Yield what is recognised, and where somebody is who cannot be asked; a job for each address.

    Raises `LinkDown` or `NoReply` for a bus that does not work.
    """
    failures: list[NoReply] = []
    for address in addresses:
        try:
            found = await I2cWire(bus, address).converse(recognise(address), deadline=ADDRESS_TIME)
        except AddressTaken as error:
            yield address, error
        except NoReply as error:
            failures.append(error)
            if len(failures) == MOST_FAILURES:
                raise
            yield address, error
        except LinkDown as error:
            # After a transfer that hangs nothing more is begun, which says less than that it hangs.
            raise failures[0] if failures else error from None
        else:
            failures.clear()
            if found is not None:
                yield address, found
