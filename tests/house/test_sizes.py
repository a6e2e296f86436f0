"""Functions, files, views and signatures stay small enough to read at once."""

from __future__ import annotations

from tests.house.source import Module, functions, module_of, modules

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70
VIEW_LINES_MAX = 25
POSITIONAL_MAX = 5
LINE_LENGTH_MAX = 100


def too_large(module: Module) -> list[str]:
    """Each excess of one module, as a sentence."""
    found = []
    if module.lines > FILE_LINES_MAX:
        found.append(f"{module.name} has {module.lines} lines")
    for number, line in enumerate(module.text.splitlines(), 1):
        if len(line) > LINE_LENGTH_MAX:
            found.append(f"{module.name}:{number} is {len(line)} characters long")
    for function in functions(module):
        lines = (function.end_lineno or 0) - function.lineno + 1
        where = f"{module.name}:{function.lineno} {function.name}"
        if lines > FUNCTION_LINES_MAX:
            found.append(f"{where} has {lines} lines")
        names = [arg.arg for arg in (*function.args.posonlyargs, *function.args.args)]
        if len([n for n in names if n not in {"self", "cls"}]) > POSITIONAL_MAX:
            found.append(f"{where} takes {len(names)} positional parameters")
        is_view = names[:1] == ["request"] and module.path.name == "views.py"
        if is_view and lines > VIEW_LINES_MAX:
            found.append(f"{where} is a view of {lines} lines")
    return found


def test_everything_is_small() -> None:
    assert [text for module in modules() for text in too_large(module)] == []


def test_the_rule_can_fail() -> None:
    long = "def f():\n" + "    x = 1\n" * 80
    wide = "def g(a, b, c, d, e, f):\n    pass\n"
    stretched = "x = '" + "y" * 100 + "'\n"
    assert len(too_large(module_of(long + wide + stretched))) == 3
    assert too_large(module_of("x = 1\n" * 401)) == ["src/planted.py has 401 lines"]
    view = "def v(request):\n" + "    x = 1\n" * 30
    assert "is a view" in too_large(module_of(view, "src/a/views.py"))[0]
