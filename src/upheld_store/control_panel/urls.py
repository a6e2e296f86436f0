from django.urls import path

from upheld_store.control_panel import consent_views, data_views, views
from upheld_store.control_panel.code_page import account_code

app_name = "control_panel"
urlpatterns = [
    path("account/", views.home, name="home"),
    path("account/profile/", views.profile, name="profile"),
    path("account/profile/address/", views.change_address, name="address"),
    path("account/orders/", views.orders, name="orders"),
    path("account/orders/<slug:number>/", views.order, name="order"),
    path("account/looks/", views.looks, name="looks"),
    path("account/disclosures/", views.disclosures, name="disclosures"),
    path("account/licenses/", views.licenses, name="licenses"),
    path("account/consents/", consent_views.consents, name="consents"),
    path(
        "account/consents/receipts.json",
        consent_views.consent_receipts,
        name="consent_receipts",
    ),
    path("account/data/", data_views.data, name="data"),
    path("account/data/copy/<slug:form>/", data_views.data_copy, name="data_copy"),
    path("account/data/erase/", data_views.data_erase, name="data_erase"),
    path("account/data/keep/", data_views.data_keep, name="data_keep"),
]
# Outside the namespace: the route's name says under which purposes its acts may run.
code_urlpatterns = [path("account/code/<uuid:letter>/", account_code, name="account_code")]
