"""When to act: levels, the conditions that raise them, and whether a battery is ready."""
