"""Every form class of the installed apps, found without anyone listing them."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path

from django import forms
from django.apps import AppConfig, apps
from django.conf import settings
from django.urls import get_resolver

from upheld.promises.collection.declared_form import DeclaredForm

# Where Django builds forms from a model at run time: their inputs are columns, and declared there.
_BUILT_FROM_COLUMNS = ("django.forms.", "django.contrib.admin.options")


def load_forms() -> None:
    """Import every module that may define a form: `forms.py` anywhere in an app, and whatever the
    addresses lead to."""
    for config in apps.get_app_configs():
        for path in sorted(Path(config.path).rglob("forms.py")):
            importlib.import_module(_dotted(config, path))
    if getattr(settings, "ROOT_URLCONF", None):
        get_resolver().url_patterns  # noqa: B018 - reading it imports every view


def _dotted(config: AppConfig, path: Path) -> str:
    below = path.relative_to(config.path).with_suffix("").parts
    return ".".join((config.name, *below))


def form_classes() -> list[type[forms.BaseForm]]:
    """Every form class that an installed app defines, in the order of their names."""
    found = {form for form in _subclasses(forms.BaseForm) if _is_an_apps_own(form)}
    return sorted(found, key=lambda form: (form.__module__, form.__qualname__))


def _subclasses(form: type[forms.BaseForm]) -> Iterator[type[forms.BaseForm]]:
    for subclass in form.__subclasses__():
        yield subclass
        yield from _subclasses(subclass)


def _is_an_apps_own(form: type[forms.BaseForm]) -> bool:
    if form is DeclaredForm or form.__module__.startswith(_BUILT_FROM_COLUMNS):
        return False
    return any(
        form.__module__ == config.name or form.__module__.startswith(f"{config.name}.")
        for config in apps.get_app_configs()
    )


def form_key(form: type[forms.BaseForm]) -> str:
    """The name an inventory knows a form by: its own key, or where it is defined."""
    if issubclass(form, DeclaredForm):
        return form.key
    return f"{form.__module__}.{form.__qualname__}"
