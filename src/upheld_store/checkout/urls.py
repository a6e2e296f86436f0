from django.urls import path, register_converter

from upheld_store.checkout import consent_views, order_page, views


class OrderToken:
    """What an order's link ends in; anything else, `find` included, is no order's address."""

    regex = r"[A-Za-z0-9_-]{43}"

    def to_python(self, value: str) -> str:
        """As it came."""
        return value

    def to_url(self, value: str) -> str:
        """As it is."""
        return value


register_converter(OrderToken, "order_token")

app_name = "checkout"
urlpatterns = [
    path("checkout/", views.checkout, name="checkout"),
    path("orders/<order_token:token>/cancel/", views.cancel, name="cancel"),
    path("orders/<order_token:token>/pay/", views.pay_again, name="pay_again"),
    path(
        "orders/<order_token:token>/refunds/<uuid:refund_id>/account/",
        order_page.bank_account,
        name="bank_account",
    ),
    path("orders/<order_token:token>.json", order_page.order_json, name="order_json"),
    path(
        "orders/<order_token:token>/consents/",
        consent_views.order_consents,
        name="consents",
    ),
    path(
        "orders/<order_token:token>/consents.json",
        consent_views.consent_receipts,
        name="consent_receipts",
    ),
    path("orders/<order_token:token>/", order_page.order_page, name="order"),
    path("payments/<slug:gateway>/webhook/", views.webhook, name="webhook"),
    path("payments/<slug:gateway>/return/", views.payment_return, name="return"),
]
