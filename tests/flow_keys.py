"""What the flows of the product show, read from their syntax trees."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType

from .product import MODULES, Module
from .translation_keys import called, calls_in, keyword, texts

KINDS = {
    "ConfigFlow": "config",
    "OptionsFlow": "options",
    "OptionsFlowWithReload": "options",
    "ConfigSubentryFlow": "config_subentries",
    "RepairsFlow": "fix_flow",
    "ConfirmRepairFlow": "fix_flow",
}
"""Where in the translations each kind of flow has its part."""
MARKERS = {"Required", "Optional", "Inclusive", "Exclusive"}
IMPLIED_REASONS = {
    "_abort_if_unique_id_configured": {"already_configured"},
    "_async_abort_entries_match": {"already_configured"},
    "async_set_unique_id": {"already_in_progress"},
}
"""Reasons that Home Assistant's own methods abort with."""

type Field = tuple[str | None, str]
"""The section that a field stands in, if any, and its name."""


@dataclass(frozen=True)
class Flow:
    """One class that shows forms."""

    module: Module
    node: ast.ClassDef
    kind: str

    @cached_property
    def names(self) -> ModuleType:
        """What the module's names stand for."""
        return self.module.imported()

    @cached_property
    def methods(self) -> dict[str, ast.AsyncFunctionDef | ast.FunctionDef]:
        """The methods by name."""
        return {
            node.name: node
            for node in self.node.body
            if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef)
        }

    @property
    def steps(self) -> set[str]:
        """The steps that the flow has, also those that only lead to others."""
        return {name.removeprefix("async_step_") for name in self.methods if name.startswith("async_step_")}

    @property
    def shown(self) -> set[str]:
        """The steps that are shown: those that are named where something is shown."""
        found = set()
        for call in calls_in(self.node):
            found |= texts(self._step_id(call), self.names)
        return found

    def _step_id(self, call: ast.Call) -> ast.expr | None:
        if (named := keyword(call, "step_id")) is not None:
            return named
        helper = self.methods.get(called(call))
        arguments = [one.arg for one in helper.args.args[1:]] if helper is not None else []
        place = arguments.index("step_id") if "step_id" in arguments else len(call.args)
        return call.args[place] if place < len(call.args) else None

    @property
    def menus(self) -> dict[str, set[str]]:
        """The menus and their options."""
        return {
            step: texts(keyword(call, "menu_options"), self.names)
            for call in calls_in(self.node)
            if called(call) == "async_show_menu"
            for step in texts(self._step_id(call), self.names)
        }

    @cached_property
    def body(self) -> tuple[ast.AST, ...]:
        """The class and all of its module that it uses."""
        return tuple(_used_from(self.node, self.module))

    def fields(self, step: str) -> set[Field]:
        """Return the fields of a step's form."""
        return set(_fields_in(self.methods[f"async_step_{step}"], self.module, None, set()))

    @property
    def errors(self) -> set[str]:
        """The errors that the forms show."""
        return {text for node in self.body for value in _errors_in(node) for text in texts(value, self.names)}

    @property
    def reasons(self) -> set[str]:
        """The reasons that the flow aborts with."""
        found: set[str] = set()
        for call in calls_in(*self.body):
            found |= IMPLIED_REASONS.get(called(call), set())
            if called(call) in {
                "async_abort",
                "_abort_if_unique_id_mismatch",
                "async_update_reload_and_abort",
            }:
                found |= texts(keyword(call, "reason"), self.names)
            elif called(call) == "AbortFlow" and call.args:
                found |= texts(call.args[0], self.names)
        return found | {f"{way}_successful" for way in ("reauth", "reconfigure") if way in self.steps}


def _fields_in(
    node: ast.AST, module: Module, part: str | None, seen: set[tuple[int, str | None]]
) -> Iterator[Field]:
    """Yield the fields of the schemas in `node` and in what it names; in sections, with their name."""
    if (id(node), part) in seen:
        return
    seen.add((id(node), part))
    match node:
        case ast.Dict(keys, values):
            for key, value in zip(keys, values, strict=True):
                yield from _field(key, value, module, part, seen)
        case ast.DictComp(key=key, value=value):
            yield from _field(key, value, module, part, seen)
        case ast.Name(name):
            for home, defined in _defined(name, module):
                yield from _fields_in(defined, home, part, seen)
        case _:
            for child in ast.iter_child_nodes(node):
                yield from _fields_in(child, module, part, seen)


def _field(
    key: ast.expr | None,
    value: ast.expr,
    module: Module,
    part: str | None,
    seen: set[tuple[int, str | None]],
) -> Iterator[Field]:
    if not isinstance(key, ast.Call) or called(key) not in MARKERS:
        yield from _fields_in(value, module, part, seen)
        return
    for name in texts(key.args[0], module.imported()):
        if isinstance(value, ast.Call) and called(value) == "section":
            yield from _fields_in(value, module, name, seen)
        else:
            yield (part, name)


def _errors_in(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the values of what is assigned to, or passed as, errors."""
    for found in ast.walk(node):
        match found:
            case ast.Assign([target], value) if "errors" in ast.unparse(target):
                yield from _values(value)
            case ast.AnnAssign(target=target, value=ast.expr() as value) if "errors" in ast.unparse(target):
                yield from _values(value)
            case ast.keyword("errors", value):
                yield from _values(value)


def _values(node: ast.expr) -> list[ast.expr]:
    return node.values if isinstance(node, ast.Dict) else [node] * (not isinstance(node, ast.Name))


def _definitions(module: Module) -> dict[str, ast.AST]:
    """Return what the module defines at its top, by name, without its classes."""
    found: dict[str, ast.AST] = {}
    for node in module.tree.body:
        match node:
            case ast.FunctionDef(name) | ast.AsyncFunctionDef(name):
                found[name] = node
            case ast.Assign([ast.Name(name)]):
                found[name] = node
            case ast.AnnAssign(ast.Name(name)):
                found[name] = node
    return found


def _defined(name: str, module: Module) -> Iterator[tuple[Module, ast.AST]]:
    """Yield where a name is defined: in the module, or in the neighbour that it is imported from."""
    homes = [module] + [
        neighbour
        for node in module.tree.body
        if isinstance(node, ast.ImportFrom) and node.level == 1 and node.module
        if any(name == (alias.asname or alias.name) for alias in node.names)
        for neighbour in MODULES
        if neighbour.parts == (*module.parts[:-1], *node.module.split("."))
    ]
    for home in homes:
        if (found := _definitions(home).get(name)) is not None:
            yield home, found


def _used_from(start: ast.AST, module: Module) -> Iterator[ast.AST]:
    """Yield a node and, again and again, what it names of its module."""
    definitions = _definitions(module)
    waiting, seen = [start], set[int]()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        waiting += [
            definitions[name.id]
            for name in ast.walk(node)
            if isinstance(name, ast.Name) and name.id in definitions
        ]


def flows() -> list[Flow]:
    """Return every flow of the product."""
    return [
        Flow(module, node, kind)
        for module in MODULES
        for node in module.tree.body
        if isinstance(node, ast.ClassDef)
        for base in node.bases
        if (kind := KINDS.get(ast.unparse(base).split(".")[-1].split("[")[0])) is not None
    ]
