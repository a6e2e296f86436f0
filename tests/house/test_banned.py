"""What only one file may do, and what none may."""

from __future__ import annotations

import ast
import re

from tests.house.source import Module, dotted, module_of, modules

# What is called → the files that may call it.
ONLY_IN: dict[str, tuple[str, ...]] = {
    r"os\.(environ|getenv)": (
        "src/upheld_store/site/environment.py",
        "src/upheld_store/site/serve.py",
        "src/upheld_store/site/demo.py",
        "src/upheld_store/site/wsgi.py",
        "src/upheld_store/site/command_line.py",
        "src/practice_gateway/",
        "src/upheld/promises/transport/tls_probe.py",
    ),
    r"(datetime\.now|timezone\.now|time\.time)": (
        "views.py",
        "consent_views.py",
        "order_page.py",
        "child_views.py",
        "customer_views.py",
        "key_views.py",
        "refund_views.py",
        "reveal_views.py",
        "send_back_views.py",
        "team_views.py",
        "transfer_views.py",
        "code_page.py",
        "data_views.py",
        "erasure_views.py",
        # Django and allauth call these without a time.
        "src/upheld_store/customers/sessions.py",
        "src/upheld_store/customers/adapters.py",
        "src/upheld_store/customers/rate_cache.py",
        "src/upheld_store/site/",
        "src/upheld/keeping.py",
        "src/upheld/web/",
        "src/upheld/management/",
        "src/upheld/apps.py",
        "src/upheld/start.py",
        # Nobody hands a moment to an audit hook.
        "src/upheld/promises/disclosure/closed.py",
        "src/upheld/jobs/",
        "src/upheld/promises/purpose/",
        "src/practice_gateway/",
    ),
    r".*\.set_cookie": ("src/upheld/promises/cookies/",),
    r".*\.delete_cookie": ("src/upheld/promises/cookies/",),
    r"(pysqlite3|sqlite3)\..*connect": ("src/upheld/db/",),
    r"(mark_safe|SafeString)": (
        "src/upheld/web/",
        "src/upheld_store/pages/",
        "src/upheld_store/catalog/",
    ),
    r"request\.POST\.(get|getlist|dict|items)": (),
    r"(print)": ("src/upheld_store/site/", "src/practice_gateway/", "src/upheld/management/"),
    r"(eval|exec|pickle\.loads?)": (),
}
IMPORT_LOCAL_MAY = (
    # The SDK takes long to import, and a store without Stripe never needs it.
    "src/upheld_store/payments/stripe_gateway.py",
    "src/upheld/apps.py",
    "src/upheld_store/site/",
)
FORBIDDEN_FILES = {"utils.py", "helpers.py", "common.py", "signals.py", "service.py", "misc.py"}


def banned(module: Module) -> list[str]:
    """Each banned call of one module, as a sentence."""
    found = []
    for node in ast.walk(module.tree):
        name = dotted(node.func) if isinstance(node, ast.Call) else ""
        if isinstance(node, ast.Attribute) and dotted(node) == "os.environ":
            name = "os.environ"
        for pattern, allowed in ONLY_IN.items():
            if name and re.fullmatch(pattern, name) and not _may(module, allowed):
                found.append(f"{module.name}:{node.lineno} uses {name}")
    return found


def _may(module: Module, allowed: tuple[str, ...]) -> bool:
    return any(
        module.name.startswith(place) if "/" in place else module.path.name == place
        for place in allowed
    )


def local_imports(module: Module) -> list[str]:
    """Imports inside functions, where tools and readers do not see them."""
    return [
        f"{module.name}:{inner.lineno} imports inside {node.name}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom) and not _may(module, IMPORT_LOCAL_MAY)
    ]


def test_nothing_banned_is_used() -> None:
    assert [text for module in modules() for text in banned(module)] == []


def test_imports_stand_at_the_top() -> None:
    assert [text for module in modules() for text in local_imports(module)] == []


def test_no_file_needs_its_name_explained() -> None:
    assert [m.name for m in modules() if m.path.name in FORBIDDEN_FILES] == []


def signals(module: Module) -> list[str]:
    """Imports of Django's signals: flow that no reader sees."""
    return [
        f"{module.name}:{node.lineno}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom)
        and re.match(r"django\.(dispatch|.*signals)", f"{node.module}.{node.names[0].name}")
    ]


def test_no_signals() -> None:
    assert [text for module in modules() for text in signals(module)] == []


def test_the_rules_can_fail() -> None:
    planted = module_of(
        "import os\nx = os.environ['A']\nr.set_cookie('a')\nrequest.POST.get('b')\nprint(1)\n"
    )
    assert len(banned(planted)) == 4
    assert local_imports(module_of("def f():\n    import os\n")) != []
    assert signals(module_of("from django.db.models import signals\n")) != []
    assert signals(module_of("from django.db.models.signals import post_save\n")) != []
