"""This site as a second server would load it, with no keeper and no database to make ready."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "upheld_store.site.settings")

from django.core.wsgi import get_wsgi_application  # settings come first

application = get_wsgi_application()
