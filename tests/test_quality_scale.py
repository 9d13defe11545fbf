"""The quality scale is answered whole, and honestly where a file can tell."""

from typing import Any

import pytest

from .product import product_yaml

TIERS = {
    "bronze": """
        action-setup appropriate-polling brands common-modules config-flow config-flow-test-coverage
        dependency-transparency docs-actions docs-conditions docs-high-level-description
        docs-installation-instructions docs-removal-instructions docs-triggers entity-event-setup
        entity-unique-id has-entity-name runtime-data test-before-configure test-before-setup
        unique-config-entry
    """,
    "silver": """
        action-exceptions config-entry-unloading docs-configuration-parameters
        docs-installation-parameters entity-unavailable integration-owner log-when-unavailable
        parallel-updates reauthentication-flow test-coverage
    """,
    "gold": """
        devices diagnostics discovery discovery-update-info docs-data-update docs-examples
        docs-known-limitations docs-supported-devices docs-supported-functions docs-troubleshooting
        docs-use-cases dynamic-devices entity-category entity-device-class entity-disabled-by-default
        entity-translations exception-translations icon-translations reconfiguration-flow repair-issues
        stale-devices
    """,
    "platinum": "async-dependency inject-websession strict-typing",
}
RULES = [rule for rules in TIERS.values() for rule in rules.split()]

ANSWERS: dict[str, Any] = product_yaml("quality_scale.yaml")["rules"]


def test_there_are_54_rules() -> None:
    assert len(RULES) == len(set(RULES)) == 54


def test_every_rule_is_answered_in_order_and_no_other() -> None:
    assert list(ANSWERS) == RULES


@pytest.mark.parametrize("rule", RULES)
def test_an_answer_has_a_known_form(rule: str) -> None:
    answer = ANSWERS[rule]
    if isinstance(answer, str):
        assert answer in {"done", "todo"}
    else:
        assert answer.keys() == {"status", "comment"}
        assert answer["status"] in {"done", "todo", "exempt"}
        assert answer["comment"].strip()
