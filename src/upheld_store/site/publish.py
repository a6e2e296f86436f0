"""`upheld publish`, and `upheld explain`: what the policy says, made public or made plain."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from upheld.policy import chosen, current
from upheld.policy.explaining import explain
from upheld.policy.facts import plain
from upheld.web import posting
from upheld_store.pages.publish_terms import publish_terms
from upheld_store.staff.second_person import count_deciders, decider


def publish(arguments: argparse.Namespace) -> int:
    """Publish the policy and the terms, approve the version that waits, or take it back."""
    now, folder = datetime.now(UTC), Path(settings.UPHELD_POLICY)
    if arguments.revoke:
        done = posting.revoke(folder, now)
    elif arguments.approve:
        decider(arguments.approve)
        done = posting.approve(folder, count_deciders(), now)
    else:
        terms = publish_terms(Path(settings.UPHELD_STORE), now)
        done = posting.publish(chosen(), folder, count_deciders(), now)
        if terms is not None and not arguments.json:
            print(f"The terms are published as version {terms.version}.")
    row = done.row
    if arguments.json:
        print(json.dumps(posting.as_json(done)))
    else:
        for change in row.read_changes():
            print(f"  {'looser: ' if change['looser'] else ''}{plain(change['words'])}")
        print(done.in_words(now.date()))
    return 0


def explain_column(arguments: argparse.Namespace) -> int:
    """Why a column is held, who may read it, until when, to whom it goes."""
    found = explain(current(), arguments.column)
    print(json.dumps(found.as_json(), indent=1) if arguments.json else found.in_words())
    return 0
