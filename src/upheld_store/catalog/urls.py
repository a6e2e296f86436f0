from django.urls import path

from upheld_store.catalog import views

app_name = "catalog"
urlpatterns = [
    path("", views.home, name="home"),
    path("products/", views.list_products, name="list"),
    path("products/<slug:slug>/", views.show_product, name="product"),
    path("artwork/<slug:slug>.svg", views.artwork, name="artwork"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", views.sitemap, name="sitemap"),
]
