"""The failsafe and readiness."""
