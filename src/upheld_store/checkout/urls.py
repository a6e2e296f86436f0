from django.urls import path

from upheld_store.checkout import order_page, views

app_name = "checkout"
urlpatterns = [
    path("checkout/", views.checkout, name="checkout"),
    path("orders/<str:token>/pay/", views.pay_again, name="pay_again"),
    path("orders/<str:token>.json", order_page.order_json, name="order_json"),
    path("orders/<str:token>/", order_page.order_page, name="order"),
    path("payments/<slug:gateway>/webhook/", views.webhook, name="webhook"),
    path("payments/<slug:gateway>/return/", views.payment_return, name="return"),
]
