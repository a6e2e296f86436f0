"""P50: what other programs read of the policy, read as they read it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client
from fideslang.manifests import ingest_manifests
from fideslang.models import Dataset, System
from pyld import jsonld

from upheld.policy import current
from upheld.policy.dpv import BASES, CATEGORIES, PURPOSES, ROLES, category_as_dpv, policy_as_dpv
from upheld.policy.fides import as_yaml, policy_as_fides

# Looked up in the published lists of DPV 2.3.
TERMS = frozenset((Path(__file__).parents[1] / "policy/dpv_terms.txt").read_text().split())
ADDRESS = "https://shop.example/privacy/"


def terms_in(value: Any) -> set[str]:
    return set(re.findall(r"'((?:dpv|pd|eu-gdpr):[\w-]+)'", str(value)))


def test_every_term_is_one_of_dpv_2_3() -> None:
    used = terms_in(policy_as_dpv(current(), ADDRESS))
    ours = terms_in([*PURPOSES.values(), *CATEGORIES.values(), *ROLES.values(), *BASES.values()])
    assert used | ours <= TERMS and len(used) > 20
    assert "dpv:NoSuchTerm" not in TERMS


def test_every_purpose_and_category_of_the_demo_is_mapped() -> None:
    policy = current()
    assert {name for name in policy.purposes if name not in PURPOSES} == set()
    assert "dpv:PersonalData" not in {category_as_dpv(f.category) for f in policy.fields.values()}
    assert category_as_dpv("user.behavior.unheard_of") == "dpv:PersonalData"
    assert category_as_dpv("user.name_of_dog") == "dpv:PersonalData"


def test_the_document_expands_and_loses_nothing(client: Client) -> None:
    answer = client.get("/privacy/policy.jsonld")
    assert answer["Content-Type"] == "application/ld+json"
    (expanded,) = jsonld.expand(answer.json())
    dpv = "https://w3id.org/dpv#"
    assert expanded["@type"] == [f"{dpv}PrivacyNotice"]
    handlings = expanded[f"{dpv}hasProcess"]
    assert len(handlings) == len(current().fields)
    for handling in handlings:
        assert handling[f"{dpv}hasPurpose"][0][f"{dpv}hasLegalBasis"]
    # A key that no context explains would vanish in the expansion.
    spoiled = answer.json() | {"unheardOf": 1}
    assert jsonld.expand(spoiled) == [expanded]
    assert terms_in(answer.json()) and not _keys_without_a_prefix(answer.json())
    assert _keys_without_a_prefix(spoiled) == {"unheardOf"}


def _keys_without_a_prefix(value: Any) -> set[str]:
    if isinstance(value, list):
        return {key for inner in value for key in _keys_without_a_prefix(inner)}
    if not isinstance(value, dict):
        return set()
    bare = {key for key in value if ":" not in key and not key.startswith("@")}
    inner = {k for n, v in value.items() if n != "@context" for k in _keys_without_a_prefix(v)}
    return bare | inner


def test_the_period_of_a_sealed_field() -> None:
    document = policy_as_dpv(current(), ADDRESS)
    by_id = {each["@id"]: each for each in document["dpv:hasProcess"]}
    stored = by_id[f"{ADDRESS}#field-payment.card_last4"]["dpv:hasStorageCondition"]
    assert stored["dpv:hasDuration"]["@value"] == "P60D"
    assert "dpv:hasStorageCondition" not in by_id[f"{ADDRESS}#field-visitor.birth_date"]


def test_fides_takes_it(client: Client, tmp_path: Path) -> None:
    answer = client.get("/privacy/fides.yml")
    file = tmp_path / "fides.yml"
    file.write_bytes(answer.content)
    manifest = ingest_manifests(str(file))
    (system,) = [System.model_validate(each) for each in manifest["system"]]
    (dataset,) = [Dataset.model_validate(each) for each in manifest["dataset"]]
    policy = current()
    stored = {table.name for table in policy.inventory.tables.values() if table.fields}
    assert {collection.name for collection in dataset.collections} == stored
    assert len(system.privacy_declarations) <= len(policy.purposes)
    assert any(each.shared_categories for each in system.privacy_declarations)


def test_fides_does_not_take_everything() -> None:
    spoiled = policy_as_fides(current())["system"][0]
    spoiled["privacy_declarations"][0]["legal_basis_for_processing"] = "Because"
    with pytest.raises(ValueError, match="legal_basis"):
        System.model_validate(spoiled)


@pytest.mark.parametrize(
    "value",
    [
        {"a": [], "b": {}, "c": None, "d": True, "e": 1},
        {"a": [{"b": "x: y # z", "c": ["- d", 'q"']}, {"e": "é\n"}]},
        ["yes", "no", "~", "2026-11-25", ""],
    ],
)
def test_what_we_write_as_yaml_is_read_as_it_was(value: Any) -> None:
    assert yaml.safe_load(as_yaml(value)) == value
