from django.urls import path

from upheld_store.pages import views

app_name = "pages"
urlpatterns = [
    path("terms/", views.terms, name="terms"),
    path("terms/versions/<int:n>/", views.terms_version, name="terms_version"),
    path("contact/", views.contact, name="contact"),
    path("pages/<slug:slug>/", views.owner_page, name="page"),
]
