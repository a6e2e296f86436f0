"""The same, with the transport gate taken out."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "upheld_store.site.settings")

from django.conf import settings  # the variable comes first
from django.core.wsgi import get_wsgi_application  # as above

settings.MIDDLEWARE.remove("upheld.promises.transport.middleware.TransportMiddleware")
application = get_wsgi_application()
