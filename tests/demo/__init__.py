"""The demo's own helpers. That it works as a whole is what `script/demo --check` asserts."""
