"""Forms as the browser fills them in before anything is typed."""

from typing import Any

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.data_entry_flow import section


def prefilled(result: ConfigFlowResult) -> dict[str, Any]:
    """Return what is sent by a person who only presses the button; what is empty is not sent."""
    return _values_of(result["data_schema"])


def _values_of(schema: Any) -> dict[str, Any]:
    values = {}
    for marker, field in schema.schema.items():
        suggested = (marker.description or {}).get("suggested_value")
        preset = getattr(marker, "default", None)
        if isinstance(field, section):
            # As the browser does: it does not look into a section that has a default.
            values[str(marker)] = preset() if callable(preset) else _values_of(field.schema)
        elif suggested is not None:
            values[str(marker)] = suggested
        elif callable(preset):
            values[str(marker)] = preset()
    return values


def fields_of(result: ConfigFlowResult) -> dict[str, str | None]:
    """Return the fields of a form and the section that each stands in."""
    fields: dict[str, str | None] = {}
    assert result["data_schema"] is not None
    for marker, field in result["data_schema"].schema.items():
        if isinstance(field, section):
            fields |= {str(inner): str(marker) for inner in field.schema.schema}
        else:
            fields[str(marker)] = None
    return fields


def opened(result: ConfigFlowResult) -> set[str]:
    """Return the sections of a form that are not collapsed."""
    assert result["data_schema"] is not None
    return {
        str(marker)
        for marker, field in result["data_schema"].schema.items()
        if isinstance(field, section) and not field.options["collapsed"]
    }


def changed(result: ConfigFlowResult, **values: Any) -> dict[str, Any]:
    """Return what a form is filled in with and then changed; `None` clears a field."""
    filled, fields = prefilled(result), fields_of(result)
    for field, value in values.items():
        part = fields[field]
        place = filled if part is None else filled[part]
        place.pop(field, None)
        if value is not None:
            place[field] = value
    return filled


def shown(result: ConfigFlowResult) -> dict[str, Any]:
    """Return what a form is filled in with, without its sections."""
    filled, fields = prefilled(result), fields_of(result)
    places = {field: filled if part is None else filled[part] for field, part in fields.items()}
    return {field: place[field] for field, place in places.items() if field in place}
