"""The answer can be remembered, and not beyond the browser."""

import dataclasses

from upheld.policy import current
from upheld.promises.age.check import check


def test_the_store_as_it_stands_may_start() -> None:
    assert check(current()) == []


def test_without_its_cookie_it_may_not() -> None:
    policy = dataclasses.replace(current(), cookies={})
    (finding,) = check(policy)
    assert "no cookie is declared" in finding.problem and "session = true" in finding.remedy


def test_with_a_lasting_cookie_it_may_not() -> None:
    lasting = dataclasses.replace(current().cookies["age"], kept_days=30)
    policy = dataclasses.replace(current(), cookies={"age": lasting})
    assert "outlive" in check(policy)[0].problem
