from django.urls import path

from upheld_store.cart import views

app_name = "cart"
urlpatterns = [
    path("cart/", views.show_cart, name="cart"),
    path("cart/items/", views.change_item, name="items"),
]
