from django.urls import path

from upheld.web import changes_views, log_views, views

app_name = "upheld"
urlpatterns = [
    path("", views.show_policy, name="policy"),
    path("changes/", changes_views.show_changes, name="changes"),
    path("changes/feed.atom", changes_views.changes_feed, name="changes_feed"),
    path("versions/<int:n>/", changes_views.show_version, name="version"),
    path("promises/", views.show_promises, name="promises"),
    path("promises.json", views.promises_json, name="promises_json"),
    path("log/checkpoint", log_views.checkpoint, name="log_checkpoint"),
    path("log/key", log_views.verifier_key, name="log_key"),
    path("log/tile/<path:place>", log_views.tile, name="log_tile"),
    path("log/proof/<int:index>.tlog-proof", log_views.proof_file, name="log_proof"),
]
