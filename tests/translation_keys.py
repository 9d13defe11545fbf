"""Which translation keys the product's code uses, read from its syntax trees.

An expression is resolved to texts with the module's own names; what is only
known at run time stands in a text as `*`.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from types import ModuleType
from typing import Any

from custom_components.battmon.errors import key_of
from custom_components.battmon.flow_forms import BLUETOOTH_ERRORS, I2C_ERRORS
from custom_components.battmon.model.errors import (
    BattMonError,
    CommandBlocked,
    Lock,
    MembersFailed,
    MembersMissing,
    NotObeyed,
    NotOpenedAgain,
    OpenedAgain,
    PasswordNeeded,
    Refusal,
    Refused,
    WrongPassword,
)
from homeassistant.helpers.entity import EntityDescription

from .product import MODULES, Module

ABOUT_PASSWORDS = (PasswordNeeded, WrongPassword)
OF_COMMANDS_AND_MEMBERS = {
    key_of(kind.__new__(kind))
    for kind in (MembersFailed, MembersMissing, NotObeyed, NotOpenedAgain, OpenedAgain)
}
"""Forms command nothing and read no virtual battery."""


def failure_keys() -> set[str]:
    """Return the keys that tell of every error of the model, except those that a rule gives."""
    refusals = {key_of(Refused(reason)) for reason in Refusal}
    kinds = set(_kinds_of(BattMonError)) - {BattMonError, CommandBlocked, Refused, *ABOUT_PASSWORDS}
    passwords = {key_of(kind(lock)) for kind in ABOUT_PASSWORDS for lock in Lock}
    return refusals | passwords | {key_of(kind.__new__(kind)) for kind in kinds}


def _kinds_of(kind: type[BattMonError]) -> Iterator[type[BattMonError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from _kinds_of(narrower)


def value_of(node: ast.expr, names: ModuleType) -> Any:
    """Return what a name or an attribute of the module stands for, or `None`."""
    match node:
        case ast.Name(name):
            return getattr(names, name, None)
        case ast.Attribute(owner, name):
            return getattr(value_of(owner, names), name, None)
    return None


def texts(node: ast.expr | None, names: ModuleType) -> set[str]:
    """Return the texts that an expression may stand for; none if only the run can tell."""
    found: set[str] = set()
    match node:
        case ast.Constant(str(text)):
            found = {text}
        case ast.JoinedStr(parts):
            found = {"".join(_certain(part) for part in parts)}
        case ast.IfExp(body=one, orelse=other):
            found = texts(one, names) | texts(other, names)
        case ast.Subscript(table) | ast.List([ast.Starred(table)]):
            found = _texts_in(value_of(table, names))
        case ast.BoolOp(values=several) | ast.List(several) | ast.Tuple(several) | ast.Dict(keys=several):
            found = {text for one in several for text in texts(one, names)}
        case ast.Call(ast.Name("key_of")):
            found = failure_keys()
        case ast.Call(ast.Name("form_error")):
            narrower = {*BLUETOOTH_ERRORS.values(), *I2C_ERRORS.values()}
            found = (failure_keys() - OF_COMMANDS_AND_MEMBERS) | narrower
        case ast.Attribute(_, "key" | "issue" as name):
            found = _carried(name, names)
        case ast.Name() | ast.Attribute():
            found = _texts_in([value_of(node, names)])
    return found


def _carried(name: str, names: ModuleType) -> set[str]:
    """Return the texts that objects bring along: the keys of rules, and what members are asked about."""
    return {use.text for use in rules()} if name == "key" else set(names.SEVERITIES)


def _certain(part: ast.expr) -> str:
    return str(part.value) if isinstance(part, ast.Constant) else "*"


def _texts_in(values: object) -> set[str]:
    """Return the texts among what a table holds, and tables in it."""
    if isinstance(values, str):
        return {str(values)}
    if isinstance(values, Mapping):
        return _texts_in(list(values.values()))
    return (
        {text for value in values for text in _texts_in(value)} if isinstance(values, list | tuple) else set()
    )


@dataclass(frozen=True)
class Use:
    """One use of a translation key."""

    where: str
    text: str
    placeholders: frozenset[str] | None
    """Names of the placeholders given; `None` if only the run can tell."""


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """Return a keyword argument of a call."""
    return next((one.value for one in call.keywords if one.arg == name), None)


def called(call: ast.Call) -> str:
    """Return the last name of what is called."""
    match call.func:
        case ast.Name(name) | ast.Attribute(_, name):
            return name
    return ""


def calls_in(*nodes: ast.AST) -> Iterator[ast.Call]:
    """Yield every call."""
    for node in nodes:
        yield from (found for found in ast.walk(node) if isinstance(found, ast.Call))


def _placeholders(node: ast.expr | None, names: ModuleType) -> frozenset[str] | None:
    if node is None:
        return frozenset()
    return frozenset(texts(node, names)) if isinstance(node, ast.Dict) else None


def _uses(module: Module, call: ast.Call, key: ast.expr, given: ast.expr | None) -> Iterator[Use]:
    names = module.imported()
    where = f"{module.path.name}:{call.lineno}"
    for text in texts(key, names):
        yield Use(where, text, _placeholders(given, names))


def rules() -> list[Use]:
    """Return the keys of the rules that block commands."""
    return [
        use
        for module in MODULES
        for call in calls_in(module.tree)
        if called(call) == "CommandBlocked" and call.args
        for use in _uses(module, call, call.args[0], call.args[1] if len(call.args) > 1 else None)
    ]


def exceptions() -> list[Use]:
    """Return the keys of the exceptions that Home Assistant shows, those of rules included."""
    return rules() + [
        use
        for module in MODULES
        for call in calls_in(module.tree)
        if keyword(call, "translation_domain") is not None
        and (key := keyword(call, "translation_key")) is not None
        for use in _uses(module, call, key, keyword(call, "translation_placeholders"))
    ]


def issues() -> list[Use]:
    """Return the keys of the repair issues."""
    return [
        use
        for module in MODULES
        for call in calls_in(module.tree)
        if called(call) == "async_create_issue" and (key := keyword(call, "translation_key")) is not None
        for use in _uses(module, call, key, keyword(call, "translation_placeholders"))
    ]


def selectors() -> Iterator[tuple[str, set[str]]]:
    """Yield the translation key and the options of every selector in code that has one."""
    for module in MODULES:
        for call in calls_in(module.tree):
            key = keyword(call, "translation_key")
            if called(call).endswith("SelectorConfig") and key is not None:
                names = module.imported()
                for text in texts(key, names):
                    yield text, texts(keyword(call, "options"), names)


def descriptions(value: object) -> Iterator[EntityDescription]:
    """Yield the entity descriptions in a module's tables."""
    if isinstance(value, EntityDescription):
        yield value
    elif isinstance(value, Mapping):
        yield from descriptions(tuple(value.values()))
    elif isinstance(value, list | tuple | set | frozenset):
        for one in value:
            yield from descriptions(one)


def described(module: Module) -> list[EntityDescription]:
    """Return the entity descriptions that stand in the tables of a platform."""
    return [one for value in vars(module.imported()).values() for one in descriptions(value)]


def entity_keys(module: Module) -> set[str]:
    """Return the keys, or patterns of keys, of a platform's entities."""
    names = module.imported()
    keys = {one.translation_key for one in described(module) if one.translation_key is not None}
    for node in ast.walk(module.tree):
        match node:
            case ast.Call() if keyword(node, "translation_domain") is None:
                keys |= texts(keyword(node, "translation_key"), names)
            case ast.Assign(
                [ast.Name("_attr_translation_key") | ast.Attribute(_, "_attr_translation_key")], value
            ):
                keys |= texts(value, names)
    return keys


def strings_in(*nodes: ast.AST) -> set[str]:
    """Return every string constant."""
    return {
        found.value
        for node in nodes
        for found in ast.walk(node)
        if isinstance(found, ast.Constant) and isinstance(found.value, str)
    }


def matches(text: str, patterns: Iterable[str]) -> bool:
    """Whether a text is one of those that the patterns stand for."""
    return any(fnmatchcase(text, pattern) for pattern in patterns)
