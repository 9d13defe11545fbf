"""The device side of every wire: batteries, the boards on them, and lines that carry their bytes."""
