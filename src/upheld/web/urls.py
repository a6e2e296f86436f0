from django.urls import path

from upheld.web import changes_views, log_views, rights_views, views, vocabularies

app_name = "upheld"
urlpatterns = [
    path("", views.show_policy, name="policy"),
    path("changes/", changes_views.show_changes, name="changes"),
    path("changes/feed.atom", changes_views.changes_feed, name="changes_feed"),
    path("versions/<int:n>/", changes_views.show_version, name="version"),
    path("policy.jsonld", vocabularies.policy_jsonld, name="policy_jsonld"),
    path("fides.yml", vocabularies.fides_yml, name="fides_yml"),
    path("promises/", views.show_promises, name="promises"),
    path("promises.json", views.promises_json, name="promises_json"),
    path("rights/", rights_views.rights, name="rights"),
    path("rights/<str:token>/", rights_views.rights_link, name="rights_link"),
    path("rights/<str:token>/copy/", rights_views.rights_copy, name="rights_copy"),
    path("rights/<str:token>/copy.json", rights_views.rights_json, name="rights_json"),
    path("rights/<str:token>/erase/", rights_views.rights_erase, name="rights_erase"),
    path("erasures/<str:token>/", rights_views.erasure, name="erasure"),
    path("log/checkpoint", log_views.checkpoint, name="log_checkpoint"),
    path("log/key", log_views.verifier_key, name="log_key"),
    path("log/tile/<path:place>", log_views.tile, name="log_tile"),
    path("log/proof/<int:index>.tlog-proof", log_views.proof_file, name="log_proof"),
]
