from django.urls import include, path

urlpatterns = [
    path("", include("seats.urls")),
    path("privacy/", include("upheld.web.urls")),
]
handler400 = "upheld.web.views.bad_request"
handler403 = "upheld.web.views.forbidden"
handler404 = "upheld.web.views.not_found"
handler500 = "upheld.web.views.server_error"
