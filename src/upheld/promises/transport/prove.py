"""Tries card numbers, plain connections, weak headers and old protocols."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch, Resolver404, resolve

from upheld.policy import Policy
from upheld.promises.proof import Proof
from upheld.promises.transport.card_probe import CARDS, probe_forms
from upheld.promises.transport.middleware import STRICT_HEADERS
from upheld.promises.transport.origin import own_origin
from upheld.promises.transport.routes import routes
from upheld.promises.transport.tls_probe import (
    ACCEPTED_PROTOCOLS,
    Answer,
    TwinDidNotStart,
    TwinFacts,
    ask,
    probe_twin,
)
from upheld.promises.transport.visits import Visit, Visitor, without_error_log

# Far above what a person needs, and below what guessing a password takes.
TRIES_MAX = 40


def prove(policy: Policy, now: datetime) -> list[Proof]:
    """P06, P17 and P18, tested."""
    twin: TwinFacts | str
    try:
        twin = probe_twin(_form_path(), now)
    except TwinDidNotStart as error:
        twin = f"a second start of the server was tried and failed: {error}"
    return [_card_proof(policy, twin), _header_proof(now), _tls_proof(policy, twin)]


def _form_path() -> str:
    """The address of a form that collects something."""
    return next((route.path for route in routes() if route.asks_age and route.path), "/")


def _card_proof(policy: Policy, twin: TwinFacts | str) -> Proof:
    probe = probe_forms(policy)
    tried = f"{len(CARDS)} card numbers typed into {probe.inputs} text inputs"
    if probe.let_through:
        figure = f"{tried}: {len(probe.let_through)} let one through ({probe.let_through[0]})"
        return Proof("P06", "broken", "tested", probe.inputs, figure)
    if probe.refused_wrongly:
        figure = f"{tried}: all refused, but so is {probe.refused_wrongly[0]}"
        return Proof("P06", "broken", "tested", probe.inputs, figure)
    if isinstance(twin, str) or not probe.inputs:
        why = twin if isinstance(twin, str) else "no form was found"
        return Proof("P06", "unproven", None, probe.inputs, f"{tried}: all refused; {why}")
    if not _refused_in_the_clear(twin):
        figure = f"{tried}: all refused, but a form was taken over plain HTTP"
        return Proof("P06", "broken", "tested", probe.inputs, figure)
    figure = f"{tried}: all refused, look-alikes taken; a form over plain HTTP refused unread"
    return Proof("P06", "kept", "tested", probe.inputs, figure)


def _refused_in_the_clear(twin: TwinFacts) -> bool:
    """The form is refused in the clear and not over TLS, where the very same one gets further."""
    return (
        twin.plain_form.status == 403
        and twin.form.status not in {403, 500, 503}
        and twin.plain_page.status == 308
    )


def _tls_proof(policy: Policy, twin: TwinFacts | str) -> Proof:
    origin = own_origin()
    if not origin.is_loopback:
        return _own_tls_proof(policy, origin.host, int(origin.netloc.partition(":")[2] or 443))
    if isinstance(twin, str):
        return Proof("P18", "unproven", None, 0, twin)
    wrong = [
        *_tls_problems(policy, twin.page),
        *([] if _refused_in_the_clear(twin) else ["a form is taken over plain HTTP"]),
    ]
    looked_at = 4
    how = (
        f"a second start of this server with a throw-away certificate: {twin.page.protocol}, "
        f"HSTS {twin.page.headers.get('strict-transport-security', 'none')}"
    )
    if wrong:
        return Proof("P18", "broken", "tested", looked_at, f"{how}; {', '.join(wrong)}")
    how += "; over plain HTTP a page was redirected and a form refused"
    return Proof("P18", "kept", "tested", looked_at, how)


def _own_tls_proof(policy: Policy, host: str, port: int) -> Proof:
    try:
        page = ask(host, port, "/")
    except OSError as error:
        figure = f"{host} could not be reached over TLS from here ({type(error).__name__})"
        return Proof("P18", "unproven", None, 0, figure)
    wrong = _tls_problems(policy, page)
    how = f"{host}: {page.protocol}, a trusted certificate"
    if wrong:
        return Proof("P18", "broken", "tested", 1, f"{how}; {', '.join(wrong)}")
    return Proof("P18", "kept", "tested", 1, how)


def _tls_problems(policy: Policy, page: Answer) -> list[str]:
    problems = []
    if page.protocol not in ACCEPTED_PROTOCOLS:
        problems.append("an old protocol")
    if f"max-age={policy.hsts_days * 86400}" not in page.headers.get(
        "strict-transport-security", ""
    ):
        problems.append(f"HSTS does not say {policy.hsts_days} days")
    return problems


def tries_until_refused(now: datetime) -> int | None:
    """How many wrong passwords for one address the sign-in takes before it refuses to look, or
    None where this site has no sign-in. Above `TRIES_MAX`: it never refused."""
    try:
        path = resolve_url(settings.LOGIN_URL)
        resolve(path)
    except (NoReverseMatch, Resolver404):
        return None
    canary = {"email": f"canary-{now:%Y%m%d%H%M%S%f}@example.com", "password": "not a password"}
    visitor = Visitor()
    for tried in range(TRIES_MAX + 1):
        if visitor.post(path, canary).status == 429:
            return tried
    return TRIES_MAX + 1


def _header_proof(now: datetime) -> Proof:
    weak: list[str] = []
    answers = 0
    for name, visit, is_public in _answers():
        answers += 1
        lacking = [
            header
            for header, value in STRICT_HEADERS.items()
            if visit.headers.get(header.lower()) != value
        ]
        if "content-security-policy" not in visit.headers:
            lacking.append("Content-Security-Policy")
        if not is_public and visit.headers.get("cache-control") != "no-store":
            lacking.append("no-store")
        weak += [f"{name} lacks {header}" for header in lacking]
    if not _refuses_other_sites():
        weak.append("a form sent by another site is taken")
    tries = tries_until_refused(now)
    if tries is not None and tries > TRIES_MAX:
        weak.append(f"{TRIES_MAX} passwords in a row may be tried")
    if weak:
        figure = f"{answers} answers looked at: {len(weak)} weak ({weak[0]})"
        return Proof("P17", "broken", "tested", answers, figure)
    figure = (
        f"{answers} answers carry all strict headers, personal ones are kept by no cache, a form "
        f"sent by another site was refused; "
    )
    if tries is None:
        figure += "there is no sign-in whose limit could be tried"
        return Proof("P17", "unproven", None, answers, figure)
    figure += f"the sign-in took {tries} wrong passwords for one address, then looked at no more"
    return Proof("P17", "kept", "tested", answers, figure)


def _refuses_other_sites() -> bool:
    """A view that takes everything hears our own page and no other: a form that would be refused
    for another reason, such as an age that was not told, would show nothing."""
    visitor = Visitor(_take)
    foreign = visitor.post("/", {}, sec_fetch_site="cross-site")
    return foreign.status == 403 and visitor.post("/", {}).status == 200


def _answers() -> Iterator[tuple[str, Visit, bool]]:
    """Pages of every kind: public ones, personal ones, errors of Django's and of views."""
    visitor = Visitor()
    for route in routes():
        if route.path:
            visit = visitor.get(route.path)
            yield route.path, visit, route.is_public and visit.status == 200
    yield "a missing page", visitor.get("/upheld-canary/none/"), False
    yield "a foreign host", visitor.get("/", host="canary.example.com"), False
    with without_error_log():
        yield "a failing view", Visitor(_fail).get("/"), False
    yield "a careless view", Visitor(_carelessly).get("/"), False


def _take(request: HttpRequest) -> HttpResponse:
    return HttpResponse("taken")


def _fail(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a canary that the proof planted")


def _carelessly(request: HttpRequest) -> HttpResponse:
    headers = {"X-Frame-Options": "ALLOWALL", "Referrer-Policy": "unsafe-url"}
    return HttpResponse("canary", headers=headers)
