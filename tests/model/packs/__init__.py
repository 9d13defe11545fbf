"""Virtual batteries."""
