"""Who may ask what for each address of the store, and the people who try."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.core import signing
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

from tests.upheld_store.conftest import make_stock
from tests.upheld_store.staff.desk import OWN, browser, member
from upheld.db import entry_point
from upheld.db.purpose import purpose_for_test
from upheld.promises.access.models import RightsLink
from upheld.promises.erasure.models import Erasure, Redaction
from upheld.promises.retention.models import Hold
from upheld_store.catalog.models import KeyPool, Plan
from upheld_store.customers.models import (
    AccountLetter,
    Customer,
    CustomerProfile,
    LetterAbout,
    LetterDetail,
)
from upheld_store.orders.models import FIRST_SERIAL, Order, OrderContact, OrderLine, OrderLink
from upheld_store.payments.models import Payment, Refund
from upheld_store.staff.hire import hire
from upheld_store.staff.models import StaffMember

ANYONE, SIGNED_IN, MINE, LINK, STAFF = "anyone", "signed in", "mine", "link", "staff"
ACTORS = ("anonymous", "guest", "ada", "eve", "support", "sales", "privacy_officer", "owner")
STAFF_ACTORS = ACTORS[4:]


@dataclass(frozen=True, slots=True)
class Row:
    """`who` may ask; `thing` names what the address is about, where it is about one thing."""

    who: str
    thing: str = ""


_OPEN = """
    catalog:home catalog:list catalog:robots catalog:sitemap cart:cart cart:items orders:find
    checkout:checkout account_signup account_login account_logout account_reset_password
    mfa_authenticate mfa_login_webauthn pages:terms pages:contact upheld:policy upheld:promises
    upheld:promises_json upheld:log_checkpoint upheld:log_key upheld:changes upheld:changes_feed
    upheld:rights upheld:policy_jsonld upheld:fides_yml gpc security_txt change_password
    healthz readyz demo_mail
"""
_OWN_ACCOUNT = """
    control_panel:home control_panel:profile control_panel:address control_panel:orders
    control_panel:looks control_panel:licenses control_panel:data control_panel:consents
    control_panel:consent_receipts control_panel:disclosures
    control_panel:data_erase control_panel:data_keep account_change_password account_reauthenticate
    account_sign_out_everywhere mfa_index mfa_list_webauthn mfa_activate_totp
    mfa_deactivate_totp mfa_add_webauthn mfa_view_recovery_codes mfa_generate_recovery_codes
    mfa_reauthenticate mfa_reauthenticate_webauthn
"""
_DESK = """
    staff:desk staff:orders staff:customers staff:find_customer staff:review staff:disputes
    staff:transfers staff:keys staff:reveals staff:holds staff:erasures staff:team staff:promises
    staff:store_catalog_category_changelist staff:store_catalog_category_add
    staff:store_catalog_product_changelist staff:store_catalog_product_add
    staff:store_catalog_release_changelist staff:store_catalog_release_add
"""
# Every address of the store. One that is missing here fails the build: say who may ask for it.
ROWS: dict[str, Row] = {
    **dict.fromkeys(_OPEN.split(), Row(ANYONE)),
    "catalog:product": Row(ANYONE, "product"),
    "catalog:artwork": Row(ANYONE, "product"),
    "pages:page": Row(ANYONE, "page"),
    "checkout:webhook": Row(ANYONE, "gateway"),
    "checkout:return": Row(ANYONE, "gateway"),
    "upheld:log_tile": Row(ANYONE, "tile"),
    "upheld:version": Row(ANYONE, "version"),
    "pages:terms_version": Row(ANYONE, "version"),
    "upheld:log_proof": Row(ANYONE, "entry"),
    # Whoever knows the letter's random number may type its code: it tells nothing of anyone.
    "account_code": Row(ANYONE, "letter"),
    "account_new_password": Row(ANYONE, "letter"),
    "checkout:order": Row(LINK, "link"),
    "checkout:order_json": Row(LINK, "link"),
    "checkout:cancel": Row(LINK, "link"),
    "checkout:pay_again": Row(LINK, "link"),
    "checkout:consents": Row(LINK, "link"),
    "checkout:bank_account": Row(LINK, "refund_of_link"),
    "checkout:consent_receipts": Row(LINK, "link"),
    "upheld:rights_link": Row(LINK, "rights_link"),
    "upheld:rights_copy": Row(LINK, "rights_link"),
    "upheld:rights_json": Row(LINK, "rights_link"),
    "upheld:rights_erase": Row(LINK, "rights_link"),
    "upheld:erasure": Row(LINK, "erasure"),
    "delivery:download": Row(LINK, "download"),
    "staff:welcome": Row(LINK, "welcome"),
    **dict.fromkeys(_OWN_ACCOUNT.split(), Row(SIGNED_IN)),
    "control_panel:data_copy": Row(SIGNED_IN, "form"),
    "control_panel:order": Row(MINE, "order"),
    "mfa_remove_webauthn": Row(MINE, "passkey"),
    "staff:order": Row(STAFF, "order"),
    "staff:reveal": Row(STAFF, "order"),
    "staff:refund": Row(STAFF, "order"),
    "staff:send_back": Row(STAFF, "refund"),
    "staff:customer": Row(STAFF, "customer"),
    "staff:reveal_customer": Row(STAFF, "customer"),
    "staff:forget_order": Row(STAFF, "order"),
    "staff:forget_account": Row(STAFF, "customer"),
    "staff:end_sessions": Row(STAFF, "customer"),
    "staff:end_second_step": Row(STAFF, "customer"),
    "staff:key_pool": Row(STAFF, "key_pool"),
    "staff:lift_hold": Row(STAFF, "hold"),
    "staff:settle_erasure": Row(STAFF, "redaction"),
    "staff:change_member": Row(STAFF, "member"),
    **{
        f"staff:store_catalog_{noun}_{page}": Row(STAFF, f"{noun}_row")
        for noun in ("category", "product", "release")
        for page in ("change", "history")
    },
    **dict.fromkeys(_DESK.split(), Row(STAFF)),
}


@dataclass
class Things:
    """Of one kind: Ada's (or the guest's, where a link opens it), another's, and one that never
    was, each as its address names it."""

    own: Any
    other: Any
    absent: Any


@dataclass
class World:
    """Ada and Eve with accounts and orders, a guest with a link, and four who work here."""

    clients: dict[str, Client] = field(default_factory=dict)
    things: dict[str, Things] = field(default_factory=dict)
    # name of the person → what only they (and those who serve them) may read
    canaries: dict[str, bytes] = field(default_factory=dict)


def all_routes(entries: Any = None, namespace: str = "") -> Iterator[tuple[str, list[str]]]:
    """Each route's name and the names of its arguments, by walking the addresses."""
    for entry in get_resolver().url_patterns if entries is None else entries:
        if isinstance(entry, URLResolver):
            inner = f"{entry.namespace}:" if entry.namespace else namespace
            yield from all_routes(entry.url_patterns, inner)
        elif isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name}", list(entry.pattern.converters)


def path_to(route: str, arguments: list[str], value: Any) -> str:
    """The address of this thing."""
    given = value if isinstance(value, dict) else dict.fromkeys(arguments, value)
    return reverse(route, kwargs=given)


def people() -> World:
    """Everyone, and everything that they try to reach."""
    world = World()
    plan = make_stock(Path(str(settings.MEDIA_ROOT)))["plain"]
    ada, eve = _customer(world, "ada"), _customer(world, "eve")
    mine, theirs = _order(world, "ada", ada, plan), _order(world, "eve", eve, plan)
    guests, strangers = _order(world, "guest", None, plan), _order(world, "stranger", None, plan)
    world.clients["anonymous"] = _past_the_question(Client(**OWN))
    world.clients["guest"] = _past_the_question(Client(**OWN))
    members: dict[str, StaffMember] = {}
    for role in STAFF_ACTORS:
        members[role], world.clients[role] = member(role, afresh=True)
    _orders(world, mine, theirs, guests, strangers)
    _accounts(world, ada, eve)
    _shop(world, plan, members, mine)
    return world


def _customer(world: World, name: str) -> Customer:
    with purpose_for_test("manage_account"):
        customer = Customer.objects.make(date(2026, 11, 1))
        email = f"{name}.canary@example.com"
        customer.emailaddress_set.create(email=email, verified=True, primary=True)
        CustomerProfile.objects.create(customer=customer, name=f"{name} canary", phone="")
    world.clients[name] = browser(customer, afresh=True)
    world.canaries[name] = f"{name}.canary".encode()
    return customer


def _past_the_question(client: Client) -> Client:
    client.cookies["age"] = "old_enough"
    return client


def _order(world: World, name: str, customer: Customer | None, plan: Plan) -> Order:
    now = timezone.now()
    number = f"{name.upper():A<5.5}-00000".replace("I", "1").replace("O", "0").replace("U", "V")
    order = Order.objects.create(
        number=number, subject_id=uuid.uuid4(), customer=customer, cart_digest=uuid.uuid4().hex * 2,
        quote_digest="0" * 64, state="paid", total_minor=700, currency="USD", policy_version=1,
        placed_at=now, paid_at=now,
    )  # fmt: skip
    OrderLine.objects.create(
        order=order, plan=plan, product_name="Plain thing", plan_name="Single", unit_minor=700,
        quantity=1, licensed=False,
    )  # fmt: skip
    OrderLink.make(order, FIRST_SERIAL, now)
    with purpose_for_test("deliver_order"):
        OrderContact.objects.create(order=order, email=f"{name}.canary@example.com", name=name)
    world.canaries[name] = f"{name}.canary".encode()
    return order


def _orders(world: World, ada: Order, eve: Order, guests: Order, strangers: Order) -> None:
    world.things["order"] = Things(ada.number, eve.number, "ZZZZZ-ZZZZZ")
    # Of another's order a stranger may know the number, but never the secret.
    guess = (strangers.number.replace("-", "") * 5)[:43]
    world.things["link"] = Things(guests.first_token(), guess, "x" * 43)
    line = guests.lines.get()
    file = line.plan.product.releases.get().files.get()
    signed = signing.dumps([line.pk, file.pk], salt="upheld_store.delivery")
    forged = signing.dumps([strangers.lines.get().pk, file.pk], salt="a guess", key="a guess")
    now, token = timezone.now(), guests.first_token()
    mine, theirs = _refund(guests).pk, _refund(strangers).pk
    world.things["refund"] = Things(mine, theirs, uuid.uuid4())
    # The link is the guest's own each time; the refund is not.
    world.things["refund_of_link"] = Things(
        *({"token": token, "refund_id": key} for key in (mine, theirs, uuid.uuid4()))
    )
    link, erasure = RightsLink.make(guests.subject_id, now), Erasure.ask(None, now, now)
    world.things["rights_link"] = Things(link.token(), guess, "x" * 43)
    world.things["erasure"] = Things(erasure.token(), guess, "x" * 43)
    world.things["download"] = Things(signed, forged, "never-was")


def _refund(order: Order) -> Refund:
    """Of money that came by transfer: a person sends it back."""
    now, amount = timezone.now(), {"amount_minor": 700, "currency": "USD"}
    payment = Payment.objects.create(
        order=order, gateway="transfer", state="paid", started_at=now, received_minor=700,
        received_currency="USD", **amount,
    )  # fmt: skip
    return Refund.objects.create(payment=payment, reason="requested", asked_at=now, **amount)


def _accounts(world: World, ada: Customer, eve: Customer) -> None:
    world.things["customer"] = Things(ada.pk, eve.pk, 987654)
    with purpose_for_test("manage_account"):
        letters = [_letter(customer) for customer in (ada, eve)]
        keys = [
            Authenticator.objects.create(user=customer, type="webauthn", data=_passkey()).pk
            for customer in (ada, eve)
        ]
    world.things["letter"] = Things(letters[0].pk, letters[1].pk, uuid.uuid4())
    world.things["passkey"] = Things(keys[0], keys[1], 987654)


_CLIENT_DATA = b'{"type": "webauthn.create", "challenge": "", "origin": "http://localhost"}'


def _passkey() -> dict[str, Any]:
    """As a device would have answered when it was added; nothing signs with it."""
    public = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    held = AttestedCredentialData.create(Aaguid(b"0" * 16), b"a key of a test", public)
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.AT
    known = AuthenticatorData.create(b"0" * 32, flags, 0, bytes(held))
    return {
        "name": "key",
        "credential": {
            "id": websafe_encode(b"a key of a test"),
            "rawId": websafe_encode(b"a key of a test"),
            "type": "public-key",
            "response": {
                "clientDataJSON": websafe_encode(_CLIENT_DATA),
                "attestationObject": websafe_encode(
                    bytes(AttestationObject.create("none", known, {}))
                ),
            },
        },
    }


def _letter(customer: Customer) -> AccountLetter:
    letter = AccountLetter.objects.create(
        subject_id=customer.subject_id, customer=customer, about=LetterAbout.CHANGE_EMAIL,
        made_at=timezone.now(),
    )  # fmt: skip
    LetterDetail.objects.create(letter=letter, email=f"{customer.pk}.new@example.com")
    return letter


def _welcome_token() -> str:
    with entry_point("command", "create-owner"):
        path = hire("new.member@example.com", "support", timezone.now()).welcome_path
    return path.split("/")[3]


def _shop(world: World, plan: Plan, members: Mapping[str, StaffMember], order: Order) -> None:
    def of(key: Any, absent: Any = 987654) -> Things:
        return Things(key, key, absent)

    with purpose_for_test("oversee"):
        hold = Hold.objects.create(
            subject_id=order.subject_id, reason="a claim", until=date(2027, 1, 1),
            made_at=timezone.now(),
        )  # fmt: skip
    now = timezone.now()
    redaction = Redaction.objects.create(
        erasure=Erasure.ask(None, now, now), recipient="gateway", asked_at=now
    )
    world.things |= {
        "product": of(plan.product.slug, "no-such-thing"),
        "product_row": of(plan.product_id),
        "category_row": of(plan.product.category_id),
        "release_row": of(plan.product.releases.get().pk),
        "page": of("about", "no-such-page"),
        "gateway": of("practice", "nobody"),
        "tile": of("0/000.p/1", "0/999"),
        "form": of("json", "csv"),
        "version": of(1),
        "entry": of(0),
        "welcome": Things(_welcome_token(), "1-0123456789", "never-was"),
        "key_pool": of(KeyPool.objects.create(name="A pool").pk),
        "hold": of(hold.pk),
        "redaction": of(redaction.pk, uuid.uuid4()),
        "member": of(members["support"].pk),
    }
