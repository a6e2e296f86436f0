from django.urls import path

from seats import views

app_name = "seats"
urlpatterns = [
    path("", views.program, name="program"),
    path("evenings/<int:pk>/", views.take_seat, name="take"),
]
