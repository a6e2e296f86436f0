"""A webhook's signature: ours, of this body, of these minutes, or none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practice_gateway.signing import signature
from upheld_store.payments.gateway import BadEvent
from upheld_store.payments.webhook_signature import check_signature

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
AT = int(NOW.timestamp())
BODY = b'{"id": "evt_1"}'


def test_a_right_one_is_taken() -> None:
    check_signature(signature("secret", BODY, AT), BODY, "secret", NOW)


def test_one_of_several_is_enough() -> None:
    """While a secret is exchanged the gateway signs with both."""
    right = signature("secret", BODY, AT)
    other = signature("old", BODY, AT).partition(",")[2]
    check_signature(f"{right},{other}", BODY, "secret", NOW)
    check_signature(f"t={AT},{other},{right.partition(',')[2]}", BODY, "secret", NOW)


@pytest.mark.parametrize(
    ("seconds", "taken"), [(-301, False), (-300, True), (300, True), (301, False)]
)
def test_five_minutes(seconds: int, taken: bool) -> None:
    header = signature("secret", BODY, AT + seconds)
    if taken:
        check_signature(header, BODY, "secret", NOW)
        return
    with pytest.raises(BadEvent):
        check_signature(header, BODY, "secret", NOW)


@pytest.mark.parametrize(
    "header",
    [
        "",
        ",",
        "=",
        "t=",
        "v1=",
        f"t={AT}",
        f"t={AT},v1=",
        f"t={AT},v1=\u00b2\u00e9",
        signature("secret", BODY, AT).replace("v1", "v0"),
        signature("secret", BODY, AT).upper(),
        signature("other", BODY, AT),
        signature("secret", BODY + b" ", AT),
        f"t={AT},{signature('secret', BODY, AT)}",
        signature("secret", BODY, AT).replace(f"t={AT}", f"t={AT + 1}"),
        signature("secret", BODY, AT).replace("t=", "t=\u0661"),
        "x" * 5000 + signature("secret", BODY, AT),
    ],
)
def test_anything_else_is_refused(header: str) -> None:
    with pytest.raises(BadEvent):
        check_signature(header, BODY, "secret", NOW)


@given(header=st.text(max_size=200))
def test_no_header_breaks_it(header: str) -> None:
    with pytest.raises(BadEvent):
        check_signature(header, BODY, "secret", NOW)


@given(position=st.integers(0, 63), digit=st.sampled_from("0123456789abcdef"))
def test_no_altered_signature_is_taken(position: int, digit: str) -> None:
    right = signature("secret", BODY, AT)
    start = right.index("v1=") + 3 + position
    altered = right[:start] + digit + right[start + 1 :]
    if altered == right:
        return
    with pytest.raises(BadEvent):
        check_signature(altered, BODY, "secret", NOW + timedelta(seconds=1))
