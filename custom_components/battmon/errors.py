"""Errors of the model, as Home Assistant shows them."""

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .const import DOMAIN
from .model.errors import (
    BadFrame,
    BattMonError,
    CommandBlocked,
    DoesNotFit,
    LinkDown,
    Lock,
    MembersFailed,
    MembersMissing,
    NoReply,
    NotObeyed,
    NotOpenedAgain,
    OpenedAgain,
    PasswordNeeded,
    Refusal,
    Refused,
    WireConflict,
    WrongBattery,
    WrongPassword,
)

TRANSLATION_KEYS: dict[type[BattMonError], str] = {
    MembersMissing: "members_missing",
    LinkDown: "link_down",
    NoReply: "no_reply",
    BadFrame: "bad_frame",
    WireConflict: "wire_conflict",
    DoesNotFit: "does_not_fit",
    WrongBattery: "wrong_battery",
    PasswordNeeded: "password_needed",
    WrongPassword: "wrong_password",
    NotObeyed: "not_obeyed",
    OpenedAgain: "opened_again",
    NotOpenedAgain: "not_opened_again",
    MembersFailed: "members_failed",
}

BLUETOOTH_KEYS: dict[type[BattMonError], str] = {
    PasswordNeeded: "bluetooth_password_needed",
    WrongPassword: "wrong_bluetooth_password",
}
"""The same, where the radio module asks and not the battery."""


def is_about_password(error: BattMonError) -> bool:
    """Whether only a person with the right password can help."""
    return isinstance(error, PasswordNeeded | WrongPassword)


def key_of(error: BattMonError) -> str:
    """Return the translation key that tells of `error`."""
    if type(error) is Refused:
        # In answer to anything but a password, "wrong password" says nothing that could be acted on.
        reason = Refusal.OTHER if error.reason is Refusal.WRONG_PASSWORD else error.reason
        return f"refused_{reason}"
    if isinstance(error, PasswordNeeded | WrongPassword) and error.lock is Lock.BLUETOOTH:
        return BLUETOOTH_KEYS[type(error)]
    return next(key for kind, key in TRANSLATION_KEYS.items() if isinstance(error, kind))


def translated[E: HomeAssistantError](kind: type[E], error: BattMonError) -> E:
    """Return an exception of Home Assistant that tells of `error` in the person's language."""
    return kind(
        translation_domain=DOMAIN,
        translation_key=key_of(error),
        translation_placeholders={"detail": _detail(error), "switched": _switched(error)},
    )


def _detail(error: BattMonError) -> str:
    if isinstance(error, MembersFailed):
        return "; ".join(f"{name}: {command_failure(reason)}" for name, reason in error.failures)
    return error.difference if isinstance(error, WrongBattery) else str(error)


def _switched(error: BattMonError) -> str:
    return ", ".join(error.switched if isinstance(error, MembersFailed) else ()) or "-"


def command_failure(error: BattMonError) -> HomeAssistantError:
    """Return what an action raises for `error`: a rule of ours, or the battery's own refusal."""
    if isinstance(error, CommandBlocked):
        return ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key=error.key,
            translation_placeholders=error.placeholders,
        )
    return translated(HomeAssistantError, error)
