from django.urls import path

from upheld.web import well_known

# Without a namespace: the addresses are the web's, not ours.
urlpatterns = [
    path("gpc.json", well_known.gpc, name="gpc"),
    path("security.txt", well_known.security_txt, name="security_txt"),
]
