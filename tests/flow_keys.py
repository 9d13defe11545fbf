"""What the flows of the product show, read from their syntax trees."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType

from .product import MODULES, Module
from .translation_keys import called, calls_in, keyword, texts, value_of

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
class Part:
    """One class of those that make up a flow."""

    module: Module
    node: ast.ClassDef

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

    @cached_property
    def body(self) -> tuple[ast.AST, ...]:
        """The class and all of its module that it uses."""
        return tuple(_used_from(self.node, self.module))


@dataclass(frozen=True)
class Flow:
    """A class that shows forms, with what it inherits from others of the product."""

    kind: str
    parts: tuple[Part, ...]

    @property
    def name(self) -> str:
        """The name of the class."""
        return self.parts[0].node.name

    @property
    def modules(self) -> tuple[Module, ...]:
        """Where the flow says something: its classes' modules and their neighbours."""
        homes = [part.module for part in self.parts]
        return tuple(homes + [neighbour for home in homes for neighbour in _neighbours(home)])

    @cached_property
    def _homes(self) -> dict[str, Part]:
        """The part that each method stands in."""
        return {name: part for part in reversed(self.parts) for name in part.methods}

    @property
    def steps(self) -> set[str]:
        """The steps that the flow has, also those that only lead to others."""
        return {name.removeprefix("async_step_") for name in self._homes if name.startswith("async_step_")}

    @property
    def _calls(self) -> Iterator[tuple[Part, ast.Call]]:
        return ((part, call) for part in self.parts for call in calls_in(part.node))

    @property
    def shown(self) -> set[str]:
        """The steps that are shown: those that are named where something is shown."""
        return {step for part, call in self._calls for step in texts(self._step_id(call), part.names)}

    def _step_id(self, call: ast.Call) -> ast.expr | None:
        if (named := keyword(call, "step_id")) is not None:
            return named
        if (home := self._homes.get(called(call))) is None:
            return None
        arguments = [one.arg for one in home.methods[called(call)].args.args[1:]]
        place = arguments.index("step_id") if "step_id" in arguments else len(call.args)
        return call.args[place] if place < len(call.args) else None

    @property
    def menus(self) -> dict[str, set[str]]:
        """The menus and their options."""
        return {
            step: texts(keyword(call, "menu_options"), part.names)
            for part, call in self._calls
            if called(call) == "async_show_menu"
            for step in texts(self._step_id(call), part.names)
        }

    @property
    def progress(self) -> set[str]:
        """What the flow says while it works."""
        return {
            text for part, call in self._calls for text in texts(keyword(call, "progress_action"), part.names)
        }

    def fields(self, step: str) -> set[Field]:
        """Return the fields of a step's form."""
        home = self._homes[f"async_step_{step}"]
        return set(_fields_in(home.methods[f"async_step_{step}"], home.module, None, set()))

    @property
    def errors(self) -> set[str]:
        """The errors that the forms show."""
        return {
            text
            for part in self.parts
            for node in part.body
            for value in _errors_in(node)
            for text in texts(value, part.names)
        }

    @property
    def reasons(self) -> set[str]:
        """The reasons that the flow aborts with."""
        found = {f"{way}_successful" for way in ("reauth", "reconfigure") if way in self.steps}
        for part in self.parts:
            for call in calls_in(*part.body):
                found |= _reasons_in(call, part.names)
        return found


def _reasons_in(call: ast.Call, names: ModuleType) -> set[str]:
    reason = None
    if called(call) in {"async_abort", "_abort_if_unique_id_mismatch", "async_update_reload_and_abort"}:
        reason = keyword(call, "reason")
    elif called(call) == "AbortFlow" and call.args:
        reason = call.args[0]
    return IMPLIED_REASONS.get(called(call), set()) | texts(reason, names)


def _fields_in(
    node: ast.AST,
    module: Module,
    part: str | None,
    seen: set[tuple[int, str | None]],
    names: ModuleType | None = None,
) -> Iterator[Field]:
    """Yield the fields of the schemas in `node` and in what it names; in sections, with their name."""
    if (id(node), part) in seen:
        return
    seen.add((id(node), part))
    known = names or module.imported()
    match node:
        case ast.Dict(keys, values):
            for key, value in zip(keys, values, strict=True):
                yield from _field(key, value, module, part, seen, known)
        case ast.DictComp(key=key, value=value, generators=[loop]):
            for turn in _turns(loop, known):
                yield from _field(key, value, module, part, seen, turn)
        case ast.Assign([ast.Subscript(slice=key)], value):
            yield from _field(key, value, module, part, seen, known)
        case ast.Name(name):
            for home, defined in _defined(name, module):
                yield from _fields_in(defined, home, part, seen)
        case _:
            for child in ast.iter_child_nodes(node):
                yield from _fields_in(child, module, part, seen, names)


def _turns(loop: ast.comprehension, names: ModuleType) -> Iterator[ModuleType]:
    """Yield the names as they stand in each turn of a loop over a table; once, if only the run knows it."""
    rows = _rows(loop.iter, names)
    if rows is None:
        yield names
        return
    targets = loop.target.elts if isinstance(loop.target, ast.Tuple) else [loop.target]
    for row in rows:
        turn = ModuleType(names.__name__)
        bound = {ast.unparse(target): value for target, value in zip(targets, row, strict=True)}
        vars(turn).update(vars(names) | bound)
        yield turn


def _rows(table: ast.expr, names: ModuleType) -> list[tuple[object, ...]] | None:
    """Return what a loop runs over, `None` if only the run knows it."""
    match table:
        case ast.Call(ast.Attribute(owner, "items"), []):
            found = value_of(owner, names)
            return list(found.items()) if isinstance(found, Mapping) else None
    found = value_of(table, names)
    return None if found is None else [(row,) for row in found]


def _field(
    key: ast.expr | None,
    value: ast.expr,
    module: Module,
    part: str | None,
    seen: set[tuple[int, str | None]],
    names: ModuleType,
) -> Iterator[Field]:
    if not isinstance(key, ast.Call) or called(key) not in MARKERS:
        yield from _fields_in(value, module, part, seen, names)
        return
    for name in texts(key.args[0], names):
        if isinstance(value, ast.Call) and called(value) == "section":
            yield from _fields_in(value, module, name, seen, names)
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
    match node:
        case ast.Dict(values=values):
            return values
        case ast.DictComp(value=value):
            return [value]
    return [node] * (not isinstance(node, ast.Name))


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


def _neighbours(module: Module, name: str | None = None) -> list[Module]:
    """Return the neighbours from which a module imports something, or this name."""
    return [
        neighbour
        for node in module.tree.body
        if isinstance(node, ast.ImportFrom) and node.level == 1 and node.module
        if name is None or any(name == (alias.asname or alias.name) for alias in node.names)
        for neighbour in MODULES
        if neighbour.parts == (*module.parts[:-1], *node.module.split("."))
    ]


def _defined(name: str, module: Module) -> Iterator[tuple[Module, ast.AST]]:
    """Yield where a name is defined: in the module, or in the neighbour that it is imported from."""
    for home in (module, *_neighbours(module, name)):
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


def _classes() -> dict[str, Part]:
    return {
        node.name: Part(module, node)
        for module in MODULES
        for node in module.tree.body
        if isinstance(node, ast.ClassDef)
    }


def _bases(part: Part) -> list[str]:
    return [ast.unparse(base).split(".")[-1].split("[")[0] for base in part.node.bases]


def _lineage(name: str, classes: dict[str, Part]) -> Iterator[str]:
    """Yield the names of a class and of all that it inherits from."""
    yield name
    if name in classes:
        for base in _bases(classes[name]):
            yield from _lineage(base, classes)


def flows() -> list[Flow]:
    """Return every flow of the product: the classes from which no other inherits."""
    classes = _classes()
    inherited = {base for part in classes.values() for base in _bases(part)}
    found = []
    for name in classes.keys() - inherited:
        lineage = dict.fromkeys(_lineage(name, classes))
        kind = next((KINDS[one] for one in lineage if one in KINDS), None)
        if kind is not None:
            found.append(Flow(kind, tuple(classes[one] for one in lineage if one in classes)))
    return sorted(found, key=lambda flow: flow.name)
