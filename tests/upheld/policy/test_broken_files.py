"""Every way a file can be broken is refused with its own sentence, quickly and as a whole."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.upheld.policy.owner_folder import OwnerFolder
from upheld.policy.reading import BYTES_MAX

KEPT = 'purposes = ["deliver_order", "support"], kept_days = 1095'


def at(kept: str) -> str:
    return f'purposes = ["deliver_order", "support"], {kept}'


# what is planted in policy.toml: text → its replacement, and what the refusal must say
IN_POLICY = {
    "syntax error": ("[age]", "[age", "this is not TOML"),
    "duplicate key": ("version   = 1", "version = 1\nversion = 2", "stands twice"),
    "duplicate table": ("[age]", "[age]\nminimum_years = 13\n[age]", "stands twice"),
    "nested too deeply": ("[age]", "x = " + "[" * 5000 + "\n[age]", "nested too deeply"),
    "key too deep": ("[age]", "[" + ".".join("a" * 60000) + "]\n[age]", "twenty dots"),
    "endless number": ("= 13", "= " + "9" * 5000, "thousands of digits"),
    "enormous number": ("= 13", "= 0x" + "f" * 5000, "minimum_years is enormous"),
    "impossible date": ("2026-01-15", "2026-13-15", "this is not TOML"),
    "unknown purpose": (
        '"deliver_order", "support"',
        '"deliver_order", "suport"',
        "'suport' is not declared",
    ),
    "unknown recipient": ('recipients = ["mail_relay"]', 'recipients = ["x"]', "recipient 'x'"),
    "unknown category": ("user.contact.email", "user.mail", "category 'user.mail' is unknown"),
    "unknown clause": ('clause = "P10"', 'clause = "P99"', "clause is 'P99'"),
    "unknown section": ("[age]", "[extra]\n[age]", "unknown extra"),
    "unknown key": ("[age]", "[age]\nmaximum_years = 99", "unknown maximum_years"),
    "unknown key of a field": (KEPT, f"{KEPT}, keep = 1", "unknown keep"),
    "unknown basis": ('basis = "contract"', 'basis = "habit"', "basis is 'habit'"),
    "period of nothing": (KEPT, at("kept_days = 0"), "kept_days is 0, which is nothing"),
    "negative period": (KEPT, at("kept_days = -1"), "kept_days is -1, which is negative"),
    "period in text": (KEPT, at('kept_days = "60"'), "kept_days is text ('60')"),
    "period with a fraction": (KEPT, at("kept_days = 1e9"), "kept_days is a number with a frac"),
    "endless period": (KEPT, at("kept_days = 1000000000"), "more than can be meant"),
    "infinite period": (KEPT, at("kept_days = inf"), "kept_days is a number with a fraction"),
    "true period": (KEPT, at("kept_days = true"), "kept_days is true or false (True)"),
    "no period": (KEPT, 'purposes = ["deliver_order", "support"]', "has no period"),
    "two periods": (KEPT, f"{KEPT}, stored = false", "more than one of kept_days"),
    "sealed without form": (', form = "last4"', "", "sealed without a form"),
    "form without seal": (KEPT, f'{KEPT}, form = "name"', "a form but is not sealed"),
    "retention of nothing": ("= 60", "= 0", "private_financial_days is 0"),
    "age in text": ("= 13", '= "13"', "minimum_years is text ('13')"),
    "missing section": ("[age]\nminimum_years = 13", "", "has no age"),
    "missing field": ('words = "take your payment", ', "", "take_payment has no words"),
    "missing phone": ('phone   = "+1 202-555-0143"', "", "controller has no phone"),
    "blank words": ('"take your payment"', '"  "', "not one line of text"),
    "words in two lines": ('"take your payment"', '"take\\nit"', "not one line of text"),
    "date with a time": ("2026-01-15", "2026-01-15T00:00:00", "signed is a time"),
    "table in a table": ("[policy]", "[policy.policy]", "has no version"),
    "purpose listed twice": (
        '"deliver_order", "support"',
        '"support", "support"',
        "lists 'support' twice",
    ),
    "table as text": ('{ clause = "P14", words = "take', '"x" # {', "is text ('x'), not a table"),
    "list of numbers": ('["deliver_order", "support"]', "[1]", "lists a whole number (1)"),
    "wildcard host": ('["127.0.0.1"]', '["*.example.com"]', "another form"),
    "unbounded country": ('country = "US"', 'country = "everywhere"', "another form"),
    "cookie with two lives": (
        "kept_days = 14\n",
        "kept_days = 14\nsession = true\n",
        "one lifetime",
    ),
    "cookie without life": ("kept_days = 14\n", "\n", "one lifetime"),
    "agreement backwards": ("expires = 2028-01-15", "expires = 2020-01-15", "out of order"),
    "mail of no purpose": ('purpose = "deliver_order"', 'purpose = "spam"', "'spam' is not decl"),
    "mail nobody renders": (
        "[mail.receipt]",
        '[mail.card]\nclause = "P16"\nwords = "a card"\npurpose = "support"\n[mail.receipt]',
        "no inventory renders the mail card",
    ),
    "renderer without mail": ("[mail.receipt]", "[mail.bill]", "the mail 'receipt' is not decl"),
    "form nobody shows": ('"checkout", ', '"checkout", "poll", ', "knows the form poll"),
    "no collection point": ('"checkout", ', "", "'checkout' asks for order.email"),
    "number in words": ("take your payment", "take 3 payments", "'3' is no fact"),
    "field name without a dot": ('"order.email" ', "email", "'email' has another form"),
}


@pytest.mark.parametrize("name", IN_POLICY)
def test_a_broken_policy_is_refused_with_its_sentence(owner: OwnerFolder, name: str) -> None:
    old, new, said = IN_POLICY[name]
    owner.edit(owner.policy_file, old, new)
    started = time.process_time()
    findings = owner.findings()
    assert time.process_time() - started < 1
    about = [finding for finding in findings if said in finding.problem]
    assert about, [str(finding) for finding in findings]
    assert all(finding.file and finding.remedy for finding in findings)


IN_INVENTORY = {
    "unknown field": ('email = "order.email"', 'email = "order.mail"', "'order.mail'"),
    "unknown purpose": ("[purposes.support]", "[purposes.suport]", "'suport' is not declared"),
    "unknown write": ('writes = ["deliver_order"]', 'writes = ["x"]', "the purpose 'x'"),
    "unknown job": ("[purposes.support]", '[purposes.support]\njobs = ["ghost"]', "job 'ghost'"),
    "malformed path": ('"order_id>store_orders_order.subject_id"', '"a>b"', "another form"),
    "path to no table": (
        "order_id>store_orders_order.subject_id",
        "order_id>ghost.subject_id",
        "the table 'ghost' is not declared",
    ),
    "personal and not": ("keys   =", 'not_personal = "x"\nkeys   =', "both personal and not"),
    "neither": (
        'fields = { email = "order.email", name = "order.name" }\n',
        "",
        "neither what is personal",
    ),
    "no fields": ('{ email = "order.email", name = "order.name" }', "{}", "has no fields"),
    "key and field": ('keys   = ["order_id"]', 'keys = ["email"]', "personal column and a key"),
    "free text nowhere": (
        "keys   =",
        'free_text = ["note"]\nkeys   =',
        "free text and has no field",
    ),
    "no start": ('starts = "order_id>store_orders_order.placed_at"\n', "", "from when its periods"),
    "rights without persons": (
        "contract = true",
        'contract = true\nwrites = ["support"]',
        "is not personal and yet says writes",
    ),
    "json of a person": (
        "contract = true",
        'contract = true\njson = { extra = { mail = "order.email" } }',
        "personal in a table that is not",
    ),
    "json of nothing": (
        "contract = true",
        'contract = true\njson = { extra = { mail = "none" } }',
        "another form",
    ),
    "no app": ('app = "store_orders"', "", "has no app"),
    "unknown key": ('app = "store_orders"', 'app = "store_orders"\napps = 1', "unknown apps"),
    "everything": ('routes = ["orders:find"]', 'routes = ["*"]', "another form"),
    "no function": ("orders.mails:render_receipt", "orders.mails", "another form"),
    "input of nothing": ('[inputs.find_orders]\nemail = "order.email"',
                         "[inputs.find_orders]\nemail = { reason = 'x' }", "has no not_personal"),
}  # fmt: skip


@pytest.mark.parametrize("name", IN_INVENTORY)
def test_a_broken_inventory_is_refused_with_its_sentence(owner: OwnerFolder, name: str) -> None:
    old, new, said = IN_INVENTORY[name]
    file = owner.inventory("upheld_store-orders")
    owner.edit(file, old, new)
    about = [finding for finding in owner.findings() if said in finding.problem]
    assert about, [str(finding) for finding in owner.findings()]
    assert about[0].file == str(file)
    assert about[0].line is not None


def test_a_table_of_two_apps_is_refused_with_both_places(owner: OwnerFolder) -> None:
    other = owner.inventory("upheld_store-catalog")
    with other.open("a", encoding="utf-8") as file:
        file.write('\n[tables.store_orders_order]\nnot_personal = "Mine."\n')
    (found,) = owner.findings()
    assert "declared twice" in found.problem
    assert {Path(found.file).name, found.remedy.split(":")[0].split("/")[-1]} == {
        "upheld_store-catalog-inventory.toml",
        "upheld_store-orders-inventory.toml",
    }


def test_bytes_that_are_no_text(owner: OwnerFolder) -> None:
    whole = owner.policy_file.read_bytes()
    for data, said in {
        b"\xef\xbb\xbf" + whole: "byte order mark",
        whole.replace(b"Larkfield", b"L\xe4rkfield", 1): "not UTF-8",
        whole.decode().encode("utf-16"): "not UTF-8",
        whole + b"\x00": "not TOML",
        whole + b"#" * 10_000_000: f"larger than {BYTES_MAX // 1024} KiB",
    }.items():
        owner.policy_file.write_bytes(data)
        (found,) = owner.findings()
        assert said in found.problem


def test_lines_may_end_as_windows_ends_them(owner: OwnerFolder) -> None:
    digest = owner.load().digest
    for file in [owner.policy_file, *owner.policy.rglob("*.md")]:
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert owner.load().digest == digest


def test_what_stands_in_the_place_of_a_file(owner: OwnerFolder) -> None:
    file = owner.policy_file
    file.unlink()
    assert "missing" in owner.findings()[0].problem
    file.mkdir()
    assert "not a file" in owner.findings()[0].problem
    file.rmdir()
    os.mkfifo(file)
    assert "not a file" in owner.findings()[0].problem
    file.unlink()
    file.symlink_to(file)
    assert "missing" in owner.findings()[0].problem


def test_an_unreadable_file(owner: OwnerFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert "cannot be read (Permission denied)" in owner.findings()[0].problem


def test_every_error_of_meaning_is_told_at_once_with_its_line(owner: OwnerFolder) -> None:
    owner.edit(owner.policy_file, "= 13", "= 0")
    owner.edit(owner.policy_file, "= 60", "= -1")
    owner.edit(owner.policy_file, 'basis = "contract"', 'basis = "whim"')
    owner.edit(owner.inventory("upheld_store-orders"), '"order.name"', '"order.nome"')
    owner.edit(owner.policy / "clauses" / "about.md", "not to be studied", "not for 5 minutes")
    findings = owner.findings()
    assert len(findings) == 5
    for found in findings:
        text = Path(found.file).read_text("utf-8").split("\n")
        assert found.line is not None
        words = ("minimum_years", "private_financial_days", "whim", "fields", "minutes")
        assert any(word in text[found.line - 1] for word in words)


def test_the_first_error_of_syntax_of_each_file_comes_alone(owner: OwnerFolder) -> None:
    owner.edit(owner.policy_file, "= 13", "= 0")
    owner.edit(owner.policy_file, "[age]", "[age")
    (found,) = owner.findings()
    assert found.line == owner.policy_file.read_text("utf-8").split("\n").index("[age") + 1


def test_many_errors_at_once_are_told_quickly(owner: OwnerFolder) -> None:
    with owner.policy_file.open("a", encoding="utf-8") as file:
        file.write("".join(f"[cookies.c{i}]\nx = 1\n" for i in range(10_000)))
    # Of the processor, because a busy machine is no fault of ours.
    started = time.process_time()
    assert len(owner.findings()) > 10_000
    assert time.process_time() - started < 1
