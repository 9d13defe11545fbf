"""Carries conversations as a wire would, without waiting: time is only counted."""

from abc import ABC, abstractmethod

from custom_components.battmon.model.errors import BattMonError
from custom_components.battmon.protocols.conversation import Conversation, Request, carry_out


class Carrier(ABC):
    """One wire. Subclasses carry out single requests."""

    def __init__(self) -> None:
        self.now = 0.0

    def say[T](self, conversation: Conversation[T]) -> T:
        """Carry out a conversation and return what it learned."""
        return carry_out(conversation, self._perform)

    def attempt[T](self, conversation: Conversation[T]) -> T | BattMonError:
        """Carry out a conversation; its error is as good an end as its result."""
        try:
            return self.say(conversation)
        except BattMonError as error:
            return error

    @abstractmethod
    def _perform(self, request: Request) -> bytes:
        """Return the reply, or raise why there is none."""
