from django.urls import path

from upheld_store.delivery import views

app_name = "delivery"
urlpatterns = [path("downloads/<str:token>", views.download, name="download")]
