"""The engine is a Django app of its own: a site without the store can stand on it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from upheld.apps import inventory_files

ROOT = Path(__file__).parents[2]
_SITE = """
import sys
from pathlib import Path
import django
import upheld
from django.conf import settings
home = Path(sys.argv[1])
sys.path.insert(0, str(home))
settings.configure(
    SECRET_KEY="x" * 60, INSTALLED_APPS=["upheld"], ROOT_URLCONF="site_urls", USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField", ALLOWED_HOSTS=["testserver"],
    DATABASES={"default": {"ENGINE": "upheld.db.sqlite", "NAME": str(home / "db.sqlite3")}},
    MIDDLEWARE=["upheld.promises.purpose.middleware.PurposeMiddleware",
                "upheld.web.middleware.PlainErrors", "upheld.web.middleware.PublicPages"],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": sorted(Path(upheld.__file__).parent.rglob("templates"))}],
    UPHELD_POLICY=str(home / "policy"), UPHELD_HOME=home, UPHELD_KEYS=home / "keys",
    UPHELD_ORIGIN="http://127.0.0.1:8000", UPHELD_TRUSTED_PROXIES=(),
)
django.setup()
from django.core.management import call_command
from django.test import Client
from upheld.db import entry_point
from upheld.policy import current
from upheld.promises.collection.check import check
with entry_point("command", "migrate"):
    call_command("migrate", run_syncdb=True, verbosity=0)
assert "upheld_store" not in sys.modules
addresses = ("/privacy/", "/privacy/promises/", "/privacy/promises.json")
print([Client().get(address).status_code for address in addresses])
print(check(current()))
"""


def test_the_engine_stands_alone(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "demo" / "policy", tmp_path / "policy")
    policy = tmp_path / "policy" / "policy.toml"
    text = re.sub(
        r"forms\s*=\s*\[.*?\]",
        'forms = ["age_question", "rights_request"]',
        policy.read_text("utf-8"),
    )
    text = re.sub(r"\[mail\.\w+\]\n(?:.+\n)+", "", text) + "\n[mail]\n"
    policy.write_text(text, "utf-8")
    (tmp_path / "site_urls.py").write_text(
        "from django.urls import include, path\n"
        "urlpatterns = [path('privacy/', include('upheld.web.urls'))]\n"
    )
    words = [sys.executable, "-W", "ignore", "-c", _SITE, str(tmp_path)]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines() == ["[200, 200, 200]", "[]"], done.stdout + done.stderr


def test_an_inventory_is_read_once_wherever_apps_lie() -> None:
    files = inventory_files()
    assert len(files) == len(set(files)) and len(files) >= 10
