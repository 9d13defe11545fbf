"""What the tests of the pure part share: no Home Assistant, no event loop, the same examples each time."""

import os

import pytest
from hypothesis import HealthCheck, settings

# A suite that fails by chance, or because the machine is busy, helps nobody.
# HYPOTHESIS_EXAMPLES=5000 looks for new examples.
EXAMPLES = os.environ.get("HYPOTHESIS_EXAMPLES")
settings.register_profile(
    "battmon",
    deadline=None,
    database=None,
    derandomize=EXAMPLES is None,
    max_examples=int(EXAMPLES or 100),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("battmon")


def pytest_configure(config: pytest.Config) -> None:
    """Python 3.14 counts references differently: hypothesis takes its own generator for a lost one."""
    config.addinivalue_line("filterwarnings", "ignore:It looks like `register_random` was passed")


# In the place of fixtures that start Home Assistant or an event loop, which takes longer than the tests.


@pytest.fixture(autouse=True)
def _custom_integrations() -> None:
    pass


@pytest.fixture(autouse=True)
def configure_event_loop() -> None:
    pass


@pytest.fixture(autouse=True)
def enable_event_loop_debug() -> None:
    pass


@pytest.fixture(autouse=True)
def verify_cleanup() -> None:
    pass
