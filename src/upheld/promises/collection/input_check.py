"""Every input of every page against the inventories: nothing asked undeclared, nothing declared
in vain."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from pathlib import Path

from django import forms

from upheld.policy import Finding, Policy
from upheld.promises.collection.declared_form import DeclaredForm, input_problem
from upheld.promises.collection.declared_input import field_of
from upheld.promises.collection.form_inputs import form_key
from upheld.promises.collection.places import Places
from upheld.promises.collection.remedies import new_input
from upheld.promises.collection.template_inputs import COMPUTED, RawInput

CLAUSE = "P04"


def input_findings(
    policy: Policy,
    classes: Iterable[type[forms.BaseForm]],
    raw: Iterable[RawInput],
    places: Places,
) -> list[Finding]:
    """Every difference between what is asked and what is declared."""
    classes, raw = list(classes), list(raw)
    findings = [finding for form in classes for finding in _form(policy, form, places)]
    findings += _doubled_keys(classes)
    findings += [found for item in raw if (found := _raw(policy, item, places))]
    exist = {(form_key(form), name) for form in classes for name in inputs_of_form(form)}
    exist |= {(item.template, item.name) for item in raw}
    return [*findings, *_stale(policy, exist, places), *_collection_points(policy)]


def inputs_of_form(form: type[forms.BaseForm]) -> dict[str, forms.Field]:
    """Name → input of a form class."""
    inputs: dict[str, forms.Field] = getattr(form, "base_fields", {})
    return inputs


def _form(policy: Policy, form: type[forms.BaseForm], places: Places) -> Iterator[Finding]:
    key, declared_kind = form_key(form), issubclass(form, DeclaredForm)
    source = Path(inspect.getfile(form))
    file, end = places.for_source(source)
    for name, built in inputs_of_form(form).items():
        if not declared_kind:
            if (key, name) not in policy.inventory.inputs:
                yield Finding(
                    str(source), _line_of(form), CLAUSE,
                    f"{form.__qualname__}.{name} is an input of a form that is not a DeclaredForm",
                    "Derive the form from upheld.promises.collection.DeclaredForm; only of a "
                    f"third party's form, declare it as it is. {new_input(key, name, None)}",
                )  # fmt: skip
            continue
        field = field_of(built)
        problem = input_problem(policy, key, name, field)
        if problem:
            line = places.line(file, "inputs", key, name) or end
            yield Finding(
                file, line, CLAUSE, f"input {key}.{name} {problem}", new_input(key, name, field)
            )


def _line_of(form: type[forms.BaseForm]) -> int | None:
    try:
        return inspect.getsourcelines(form)[1]
    except OSError:
        return None


def _doubled_keys(classes: list[type[forms.BaseForm]]) -> Iterator[Finding]:
    seen: dict[str, type[forms.BaseForm]] = {}
    for form in classes:
        other = seen.setdefault(form_key(form), form)
        if other is not form and not issubclass(form, other):
            yield Finding(
                str(inspect.getfile(form)), _line_of(form), CLAUSE,
                f"{form.__qualname__} has the key of {other.__module__}.{other.__qualname__}",
                "Give each form a key of its own: an inventory could not tell them apart.",
            )  # fmt: skip


def _raw(policy: Policy, item: RawInput, places: Places) -> Finding | None:
    if (item.template, item.name) in policy.inventory.inputs:
        return None
    if COMPUTED in item.name:
        return Finding(
            str(item.path), item.line, CLAUSE,
            f"an input of {item.template} gets its name when the page is made",
            "Write the name out, or build the input with a DeclaredForm.",
        )  # fmt: skip
    file, line = places.for_source(item.path)
    if file == str(item.path):  # in the owner's theme: no inventory is near
        return Finding(
            file, item.line, CLAUSE,
            f"the theme's {item.template} asks for {item.name}, which no inventory declares",
            "Take the input out: a theme changes how pages look, not what they ask.",
        )  # fmt: skip
    return Finding(
        file, line, CLAUSE,
        f"the input {item.name} of {item.template} (line {item.line}) is not declared",
        new_input(item.template, item.name, None),
    )  # fmt: skip


def _stale(policy: Policy, exist: set[tuple[str, str]], places: Places) -> Iterator[Finding]:
    for form, name in sorted(policy.inventory.inputs.keys() - exist):
        file, line = _declared_at(policy, form, name, places)
        yield Finding(
            file, line, CLAUSE, f"input {form}.{name} is declared, but no page has it",
            f"Remove {name} from [inputs.{form}], or correct the name.",
        )  # fmt: skip


def _declared_at(policy: Policy, form: str, name: str, places: Places) -> tuple[str, int | None]:
    """An input remembers no file; the inventory that has the line has the input."""
    for file in places.inventories():
        if (line := places.exact_line(file, "inputs", form, name)) is not None:
            return file, line
    return "the inventories", None


def _collection_points(policy: Policy) -> Iterator[Finding]:
    """P09: the policy names the forms that may ask for something personal. Loading refuses a form
    that asks and is not named; this finds the name that nothing bears."""
    asking = {item.form for item in policy.inventory.inputs.values() if item.field}
    for form in sorted(policy.forms - asking):
        yield Finding(
            "policy.toml", None, "P09",
            f"{form} is a collection point of the policy, but no inventory has a personal input "
            "of it",
            f"Remove {form} from forms under [collection].",
        )  # fmt: skip
