from django.urls import path

from upheld.web import views

app_name = "upheld"
urlpatterns = [
    path("", views.show_policy, name="policy"),
    path("promises/", views.show_promises, name="promises"),
    path("promises.json", views.promises_json, name="promises_json"),
]
