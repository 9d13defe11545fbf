"""Fixtures: Home Assistant runs in processes of its own."""

from ..pure import (  # noqa: F401
    _custom_integrations,
    configure_event_loop,
    enable_event_loop_debug,
    pytest_configure,
    verify_cleanup,
)
