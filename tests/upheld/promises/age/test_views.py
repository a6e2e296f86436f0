"""Asked on the same address, answered in memory, remembered as one word."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.test import RequestFactory

from tests.upheld.promises.age import site
from upheld.policy import current
from upheld.policy.errors import TooYoung
from upheld.promises.age.answer import admit
from upheld.promises.transport.visits import Visit, Visitor, cookie_header, without_error_log

pytestmark = pytest.mark.urls("tests.upheld.promises.age.site")
MINIMUM = 13


def this_year() -> int:
    return datetime.now(UTC).year


def answer(year: object, month: object = "", day: object = "", **more: str) -> Visit:
    cookie = more.pop("cookie", None)
    born = {"birth_year": str(year), "birth_month": str(month), "birth_day": str(day)}
    headers = {"cookie": cookie} if cookie else {}
    return Visitor().post("/guarded/?plan=4", born | more, **headers)


@pytest.fixture(autouse=True)
def _nothing_taken() -> None:
    site.taken.clear()


def test_the_policy_says_how_old() -> None:
    assert current().age_minimum_years == MINIMUM


def test_the_question_comes_first_and_is_neutral() -> None:
    visit = Visitor().get("/guarded/")
    assert visit.status == 200 and not visit.set_cookies
    assert 'name="birth_year"' in visit.text and 'autocomplete="bday-year"' in visit.text
    assert 'name="birth_month"' not in visit.text and 'name="email"' not in visit.text
    assert str(MINIMUM) not in visit.text.split("<main")[1].split("</main")[0]
    assert "value=" not in visit.text.split('name="birth_year"')[1].split(">")[0]
    assert visit.headers["cache-control"] == "no-store"


def test_old_enough_leads_back_and_is_asked_once() -> None:
    visit = answer(1980)
    assert (visit.status, visit.headers["location"]) == (303, "/guarded/?plan=4")
    assert visit.set_cookies == ("age=old_enough; HttpOnly; Path=/; SameSite=Lax",)
    inside = Visitor().get("/guarded/", cookie=cookie_header(visit.set_cookies))
    assert inside.text == site.FORM


def test_too_young_is_refused_and_stays_refused() -> None:
    young = answer(this_year() - 5)
    assert young.status == 403
    assert young.set_cookies == ("age=too_young; HttpOnly; Path=/; SameSite=Lax",)
    cookie = cookie_header(young.set_cookies)
    assert answer(1980, cookie=cookie).status == 403
    assert not answer(1980, cookie=cookie).set_cookies
    again = Visitor().get("/guarded/", cookie=cookie)
    assert again.status == 403 and "birth_year" not in again.text


def test_month_and_day_are_asked_only_where_the_year_does_not_settle_it() -> None:
    visit = answer(this_year() - MINIMUM)
    assert visit.status == 200 and not visit.set_cookies
    for part in ("month", "day"):
        assert f'name="birth_{part}"' in visit.text
        assert f'autocomplete="bday-{part}"' in visit.text
    assert f'value="{this_year() - MINIMUM}"' in visit.text
    assert answer(this_year() - MINIMUM, 1, 1).status == 303
    today = datetime.now(UTC)
    if (today.month, today.day) != (12, 31):
        assert answer(this_year() - MINIMUM, 12, 31).status == 403


@pytest.mark.parametrize(
    "year",
    ["", "  ", "abcd", "1800", "3000", "20O1", "199", "+1980", "１９８０", "٢٠٠٠", "1_9_8_0"],
)
def test_what_is_no_year_gets_a_sentence(year: str) -> None:
    visit = answer(year)
    assert visit.status == 400 and not visit.set_cookies
    assert "Type the year with four digits" in visit.text


@pytest.mark.parametrize(
    ("month", "day", "words"),
    [
        ("13", "1", "from 1 to 12"),
        ("0", "1", "from 1 to 12"),
        ("May", "1", "from 1 to 12"),
        ("2", "30", "no such day"),
        ("4", "31", "no such day"),
        ("1", "32", "from 1 to 31"),
        ("1", "٣", "from 1 to 31"),
    ],
)
def test_what_is_no_day_gets_a_sentence(month: str, day: str, words: str) -> None:
    visit = answer(this_year() - MINIMUM, month, day)
    assert visit.status == 400 and words in visit.text
    assert 'name="birth_month"' in visit.text


def test_a_form_without_an_answer_is_not_read() -> None:
    visit = Visitor().post("/guarded/", {"email": "marker@example.com"})
    assert visit.status == 403 and 'name="birth_year"' in visit.text
    assert "was not read" in visit.text and "marker" not in visit.text
    assert site.taken == []


def test_a_form_sent_along_with_the_answer_is_not_read() -> None:
    for year in (1980, this_year() - 5, "abcd"):
        visit = answer(year, email="marker@example.com")
        assert "marker" not in visit.text
    assert site.taken == []


@pytest.mark.parametrize("word", ["", "yes", "OLD_ENOUGH", "old_enough2"])
def test_an_answer_that_we_never_gave_is_none(word: str) -> None:
    visit = Visitor().get("/guarded/", cookie=f"age={word}")
    assert 'name="birth_year"' in visit.text


def test_a_file_sent_along_reaches_no_disk(tmp_path: Path) -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="birth_year"\r\n\r\n2020\r\n'
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n'
        b"Content-Type: text/plain\r\n\r\n" + b"marker" * 600_000 + b"\r\n--x--\r\n"
    )
    visitor, before = Visitor(), settings.FILE_UPLOAD_TEMP_DIR
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "not there")
    try:
        headers = {"sec_fetch_site": "same-origin"}
        visit = visitor.send("POST", "/guarded/", body, headers, "multipart/form-data; boundary=x")
    finally:
        settings.FILE_UPLOAD_TEMP_DIR = before
    assert visit.status == 403


def test_admit_is_the_same_question_for_code() -> None:
    assert Visitor().get("/admitting/", cookie="age=old_enough").text == "admitted"
    with without_error_log():
        assert Visitor().get("/admitting/").status == 500
        assert Visitor().get("/admitting/", cookie="age=too_young").status == 500
    with pytest.raises(TooYoung):
        admit(RequestFactory().get("/admitting/"))
