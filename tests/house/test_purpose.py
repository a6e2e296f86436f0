"""How code may use purposes: no generator holds one, and entry points are named at the edge."""

from __future__ import annotations

import ast

import pytest

from tests.house.source import Module, dotted, functions, module_of, modules

HOLDING = {"purpose", "reveal_without_purpose", "probing", "no_purpose", "purpose_for_test"}
# Who may say which entry point this is; everything else runs inside one.
ENTRY_POINTS = (
    "src/upheld/db/",
    "src/upheld/promises/purpose/middleware.py",
    "src/upheld/jobs/",
    "src/upheld/keeping.py",
    "src/upheld/management/",
    "src/upheld_store/site/",
)
PROBES = ("src/upheld/db/",)


def held_over_a_yield(module: Module) -> list[str]:
    """Each `yield` inside a purpose: its consumer would run in that purpose."""
    return [
        f"{module.name}:{inner.lineno} yields inside a purpose"
        for function in functions(module)
        if not _is_context_manager(function)
        for block in ast.walk(function)
        if isinstance(block, ast.With) and any(_holds(item.context_expr) for item in block.items)
        for inner in ast.walk(block)
        if isinstance(inner, ast.Yield | ast.YieldFrom)
    ] + [
        f"{module.name}:{function.lineno} {function.name} is a generator under @for_purpose"
        for function in functions(module)
        if any(_called(deco) == "for_purpose" for deco in function.decorator_list)
        and any(isinstance(inner, ast.Yield | ast.YieldFrom) for inner in ast.walk(function))
    ]


def _called(node: ast.AST) -> str:
    return dotted(node.func).rpartition(".")[2] if isinstance(node, ast.Call) else ""


def _holds(node: ast.AST) -> bool:
    return _called(node) in HOLDING


def _is_context_manager(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Its body is the caller's `with` block, so the purpose is held on purpose."""
    return any(dotted(deco).endswith("contextmanager") for deco in function.decorator_list)


def calls(module: Module, name: str) -> list[str]:
    """Each call of `name`, as file:line."""
    return [
        f"{module.name}:{node.lineno}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and _called(node) == name
    ]


def outside(name: str, allowed: tuple[str, ...]) -> list[str]:
    """Each call of `name` where it is not allowed."""
    return [c for m in modules() if not m.name.startswith(allowed) for c in calls(m, name)]


def test_no_generator_holds_a_purpose() -> None:
    assert [text for module in modules() for text in held_over_a_yield(module)] == []


def test_entry_points_are_named_at_the_edge_alone() -> None:
    assert outside("entry_point", ENTRY_POINTS) == []


def test_probing_is_for_proofs_alone() -> None:
    assert outside("probing", PROBES) == []


def test_purposes_for_tests_are_for_tests_alone() -> None:
    assert outside("purpose_for_test", ()) == []


@pytest.mark.parametrize(
    "text",
    [
        "def rows():\n    with purpose('a'):\n        yield 1\n",
        "def rows():\n    with open('x'), db.purpose('a'):\n        yield from []\n",
        "def rows():\n    with reveal_without_purpose(reason='a', reviewed_by='b'):\n"
        "        if x:\n            yield 1\n",
        "@for_purpose('a')\ndef rows():\n    yield 1\n",
    ],
)
def test_the_rule_can_fail(text: str) -> None:
    assert len(held_over_a_yield(module_of(text))) == 1


def test_the_rule_knows_what_is_harmless() -> None:
    manager = "@contextmanager\ndef rows():\n    with purpose('a'):\n        yield\n"
    after = "def rows():\n    with purpose('a'):\n        x = 1\n    yield x\n"
    assert held_over_a_yield(module_of(manager + after)) == []


def test_calls_are_seen() -> None:
    planted = module_of("db.entry_point('a', 'b')\npurpose_for_test('a')\n")
    assert calls(planted, "entry_point") == ["src/planted.py:1"]
    assert calls(planted, "purpose_for_test") == ["src/planted.py:2"]
