from django.urls import path

from upheld_store.control_panel import views
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
]
# Outside the namespace: the route's name says under which purposes its acts may run.
code_urlpatterns = [path("account/code/<uuid:letter>/", account_code, name="account_code")]
