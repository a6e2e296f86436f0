"""Card numbers are refused however they are written; what only looks like one is not."""

import secrets

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from upheld.policy.errors import CardNumberRefused
from upheld.promises.transport import contains_card_number, refuse_card_numbers

# From the ranges that card networks and gateways publish for tests.
CARDS = [
    "4242424242424242", "4000056655665556", "4111111111111111", "4012888888881881",
    "4222222222222", "4917610000000000", "4462030000000000", "4917610000000000003",
    "4000000000000002", "4000002500003155", "5555555555554444", "5200828282828210",
    "5105105105105100", "5454545454545454", "2223003122003222", "2221000000000009",
    "2223000048400011", "2720992593319364", "378282246310005", "371449635398431",
    "378734493671000", "343434343434343", "30569309025904", "38520000023237",
    "36227206271667", "3056930009020004", "3530111333300000", "3566002020360505",
    "6011111111111117", "6011000990139424", "6011981111111113", "6445644564456445",
    "6500000000000002", "6200000000000005", "6205500000000000004", "6304000000000000",
    "6759649826438453", "5018000000000009", "2200000000000004", "6062826786276634",
    "5066991111111118", "9792030000000000", "8171999927660000",
]  # fmt: skip
WRITTEN = [
    "4242 4242 4242 4242", "4242-4242-4242-4242", "4242.4242.4242.4242", "4242_4242_4242_4242",
    "4242/4242/4242/4242", "4242  4242   4242     4242", "4242 - 4242 - 4242 - 4242",
    "4242\n4242\n4242\n4242", "4242\t4242\t4242\t4242", "4242\u00a04242\u20094242\u202f4242",
    "42424242 42424242", "4242 42424242 4242", "4 2 4 2 4 2 4 2 4 2 4 2 4 2 4 2",
    "42 42 42 42 42 42 42 42", "42424 24242 42424 2", "3782 822463 10005", "3782-822463-10005",
    "3056 930902 5904", "4222 222 222 222", "6205500000000000004", "6205 5000 0000 0000 004",
    "42\u200b42\u200b42\u200b42\u200b42\u200b42\u200b42\u200b42",
    "4242\u00ad4242\u20604242\ufeff4242",
    "\u0664\u0662\u0664\u0662 \u0664\u0662\u0664\u0662 \u0664\u0662\u0664\u0662 "
    "\u0664\u0662\u0664\u0662", "\uff14\uff12" * 8, "\U0001d7d2\U0001d7d0" * 8, "\u2463\u2461" * 8,
    "\u0968\u096a"[::-1] * 8, "4\ufe0f\u20e32\ufe0f\u20e3" * 8, "4\u03012\u0301" * 8,
    "4\u31642\u3164" * 8, "my card is 4242424242424242, thanks", "x4242424242424242y",
    "card:4242424242424242;exp:12/30;cvc:123", "4242 4242 4242 4242 12/30 123",
    "4242424242424242 1230 123", "42424242424242421230123", "4242424242424242 12/2030",
    "2026 4242 4242 4242 4242", "order 7 4242 4242 4242 4242", "Nr. 1: 4242-4242-4242-4242",
    "4242 4242 4242 4242 5555 5555 5555 4444", "+4242424242424242",
    "%B4242424242424242^DOE/JANE^30121010000000", ";4242424242424242=30121010000000000000?",
    "4242424242424241=3012101", "4242\u20104242\u20114242\u20124242",
    "4242\u00b74242\u00b74242\u00b74242",
    "(4242)(4242)(4242)(4242)", "4242,4242,4242,4242", "<b>4242 4242 4242 4242</b>",
]  # fmt: skip
LOOK_ALIKES = [
    # phones
    "+1 202-555-0143", "(202) 555-0143", "202.555.0143", "2025550143", "+44 20 7946 0018",
    "+447700900123", "+49 1512 3456789", "+49 (0)30 123456-78", "0049 30 12345678",
    "+33 6 12 34 56 78", "06 12 34 56 78", "+86 138 0013 8000", "+62 812 3456 7890",
    "+55 11 91234-5678", "+1 202-555-0143, +1 202-555-0199", "202-555-0143 202-555-0199",
    "+1 (202) 555-0143 ext. 4242",
    # order, invoice and license numbers
    "7K3QD-9XM2B", "01234-56789", "2026-000123", "INV-2026-11-000123", "R 2026/11/0042",
    "302-1234567-1234567", "PO 4500012345", "#100045", "UPH-4242-KEYX-9ABC-77QD",
    "order 4242 of 2026-11-23",
    # bank accounts
    "DE89 3704 0044 0532 0130 00", "DE89370400440532013000", "GB29 NWBK 6016 1331 9268 19",
    "FR14 2004 1010 0505 0001 3M02 606", "NL91 ABNA 0417 1640 48", "CH93 0076 2011 6238 5295 7",
    "ES91 2100 0418 4502 0005 1332", "my account: AT61 1904 3002 3457 3201, thanks",
    "12-34-56 12345678",
    # parcels
    "9400 1118 9922 3197 4284 90", "9400111899223197428490", "1Z 999 AA1 01 2345 6784",
    "61299998820821171811", "449044304137821", "JD014600003889990001", "RB123456785GB",
    "0307 1790 0005 2348 3741", "00340434161094042557",
    # times
    "2026-11-23T14:15:16.123456Z", "2026-11-23 14:15:16.12", "20261123141516", "1795443316",
    "1795443316123", "1795443316123456", "23/11/2026 14:15:16", "2026-11-23 2026-12-24",
    # books, articles, devices
    "978-3-16-148410-0", "9783161484100", "0-306-40615-2", "4006381333931", "5901234123457",
    "490154203237518", "35-209900-176148-1", "8944500102198304826",
    # identifiers
    "123e4567-e89b-42d3-a456-426614174000", "42424242-4242-4424-8242-424242424242",
    "550e8400-e29b-41d4-a716-446655440000", "175928847299117063", "192.168.100.200 10.0.0.1",
    "fe80::1:42ff:fe42:4242%1", "d41d8cd98f00b204e9800998ecf8427e",
    # places, sums, versions, numbers that only nearly are cards
    "40.712776, -74.005974", "52.5200066, 13.4049540", "12,345,678,901.00", "v4.2.42.4242",
    "4242424242424241", "4242 4242 4242 4243", "42424242424242", "1234567890123456",
    "0000000000000000", "9999 9999 9999 9999", "3141592653589793238462643383279502884197",
    "", "no digits at all", "4242",
]  # fmt: skip


@pytest.mark.parametrize("card", CARDS)
def test_every_network_is_known(card: str) -> None:
    assert contains_card_number(card)
    assert contains_card_number(f"Please use {card} for this.")


@pytest.mark.parametrize("text", WRITTEN)
def test_no_way_of_writing_hides_a_card(text: str) -> None:
    assert contains_card_number(text)


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_look_alikes_are_taken(text: str) -> None:
    assert not contains_card_number(text)


def test_there_are_enough_of_each() -> None:
    assert len(set(CARDS)) >= 40
    assert len(set(LOOK_ALIKES)) >= 60


def test_the_refusal_names_the_field_and_never_the_value() -> None:
    with pytest.raises(CardNumberRefused) as refused:
        refuse_card_numbers("my card 4242424242424242", "order.name")
    assert "order.name" in str(refused.value) and "P06" in str(refused.value)
    assert "4242" not in str(refused.value)
    refuse_card_numbers("Jane Doe", "order.name")


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_text_gets_an_answer(text: str) -> None:
    assert contains_card_number(text) in {True, False}


@given(
    st.sampled_from(CARDS),
    st.text("abc xyz,:;!?", max_size=20),
    st.text("abc xyz,:;!?", max_size=20),
    st.sampled_from(["", " ", "-", ".", "\u200b", "\u00a0", " - "]),
)
@settings(max_examples=300, deadline=None)
def test_a_card_between_words_is_found(card: str, before: str, after: str, between: str) -> None:
    written = between.join(card[i : i + 4] for i in range(0, len(card), 4))
    assert contains_card_number(f"{before}{written}{after}")


@given(st.from_regex(r"\+[1-9][0-9]{0,2} [0-9]{2,4} [0-9]{3,4} [0-9]{3,4}", fullmatch=True))
@settings(max_examples=400, deadline=None)
def test_no_international_phone_is_refused(phone: str) -> None:
    assert sum(c.isdigit() for c in phone) > 14 or not contains_card_number(phone)


def test_random_phones_and_order_numbers_are_hardly_ever_refused() -> None:
    digits = [str(secrets.randbelow(10**12)).zfill(12) for _ in range(2000)]
    phones = [f"{d[:3]}-{d[3:6]}-{d[6:10]}" for d in digits]
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    symbols = ["".join(secrets.choice(alphabet) for _ in range(10)) for _ in range(2000)]
    orders = [f"{s[:5]}-{s[5:]}" for s in symbols]
    lists = [f"{a} {b}" for a, b in zip(phones, orders, strict=True)]
    refused = [text for text in phones + orders if contains_card_number(text)]
    assert refused == []
    assert sum(contains_card_number(text) for text in lists) < 20
