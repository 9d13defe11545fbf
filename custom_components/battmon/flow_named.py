"""Adding a battery that no wire leads to: it is named, and judged as any other."""

from collections.abc import Mapping
from typing import Any

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.const import CONF_NAME

from .const import CONF_CELLS
from .flow_changes import ReconfigureSteps
from .flow_found import FoundSteps
from .flow_judgement import presets
from .judgement_options import chemistry_in


class NamedSteps(FoundSteps, ReconfigureSteps):
    """Goes on from a name to the thresholds, or to the end."""

    async def _take_name(
        self, user_input: Mapping[str, Any], fallback: str, cells: int | None = None
    ) -> ConfigFlowResult:
        """Take what the person says of the battery; `cells` is how many it is known to have."""
        self._title = user_input[CONF_NAME].strip() or fallback
        self._options = {
            **self._options,
            **{key: value for key, value in user_input.items() if key != CONF_NAME},
        }
        if (chemistry := chemistry_in(user_input)) is None:
            return self._save_thresholds({})
        self._proposed = presets(chemistry, user_input.get(CONF_CELLS) or cells)
        return await self.async_step_thresholds()
