from django.urls import path

from upheld_store.orders import views

app_name = "orders"
urlpatterns = [path("orders/find/", views.find_orders, name="find")]
