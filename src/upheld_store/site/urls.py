from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from upheld_store.control_panel.urls import code_urlpatterns
from upheld_store.site import demo_mail, health
from upheld_store.staff.desk import staff_site

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("upheld_store.catalog.urls")),
    path("", include("upheld_store.cart.urls")),
    # Before checkout, whose order pages would take `find` for an order's secret.
    path("", include("upheld_store.orders.urls")),
    path("", include("upheld_store.checkout.urls")),
    path("", include("upheld_store.delivery.urls")),
    path("", include("upheld_store.customers.urls")),
    path("", include(code_urlpatterns)),
    path("", include("upheld_store.control_panel.urls")),
    path("", include("upheld_store.pages.urls")),
    path("privacy/", include("upheld.web.urls")),
    path(".well-known/", include("upheld.web.well_known_urls")),
    path(
        ".well-known/change-password",
        RedirectView.as_view(pattern_name="account_change_password"),
        name="change_password",
    ),
    path("staff/", staff_site().urls),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
]
# The practice gateway and everything of the demo exist on a loopback origin only.
if settings.ENVIRONMENT.is_loopback:
    urlpatterns.append(path("demo/mail/", demo_mail.caught_mail, name="demo_mail"))
handler400 = "upheld.web.views.bad_request"
handler403 = "upheld.web.views.forbidden"
handler404 = "upheld_store.site.not_found.not_found"
handler500 = "upheld.web.views.server_error"
