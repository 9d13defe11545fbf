"""What is known of a cell by its chemistry (rules 2)."""

from enum import StrEnum


class Chemistry(StrEnum):
    """A person names it; no device says it reliably."""

    LIFEPO4 = "lifepo4"
    LI_ION = "li_ion"
    LIPO = "lipo"
    LEAD_ACID = "lead_acid"
    LTO = "lto"
    SODIUM_ION = "sodium_ion"
