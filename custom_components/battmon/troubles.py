"""What only a person can mend: a password, or another battery behind the wire."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN, ISSUE_WRONG_BATTERY
from .model.errors import BattMonError, PasswordNeeded, WrongBattery, WrongPassword


class Troubles:
    """Asks the person for help, and takes it back when all is well."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        self.locked_out = False
        """Whether the device rejected the password: trying again and again may lock it for good."""
        self._hass = hass
        self._entry = entry
        self._newest: BattMonError | None = None
        self._all_is_well = False
        """Whether the last sample went well. One that was taken before a reload may have left a repair."""

    @callback
    def note(self, error: BattMonError) -> None:
        """A sample failed."""
        before, self._newest = self._newest, error
        self._all_is_well = False
        if isinstance(error, WrongBattery):
            self._tell_wrong_battery(error)
        self.locked_out = isinstance(error, WrongPassword)
        # A single refusal may be a garbled answer, and a person would be asked for nothing.
        if self.locked_out or (isinstance(error, PasswordNeeded) and isinstance(before, PasswordNeeded)):
            self.ask_for_password()

    @callback
    def clear(self) -> None:
        """A sample went well."""
        if self._all_is_well:
            return
        self._all_is_well = True
        self._newest = None
        ir.async_delete_issue(self._hass, DOMAIN, issue_id(self._entry))

    @callback
    def ask_for_password(self) -> None:
        """Ask the person, unless that was done already."""
        self._entry.async_start_reauth_if_available(self._hass)

    def _tell_wrong_battery(self, error: WrongBattery) -> None:
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            issue_id(self._entry),
            is_fixable=True,
            is_persistent=False,
            severity=ir.IssueSeverity.ERROR,
            translation_key=ISSUE_WRONG_BATTERY,
            translation_placeholders={"name": self._entry.title, "difference": error.difference},
            data={"entry_id": self._entry.entry_id},
        )


def issue_id(entry: ConfigEntry) -> str:
    """Return the id of an entry's repair."""
    return f"{ISSUE_WRONG_BATTERY}_{entry.entry_id}"
