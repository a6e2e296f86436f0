"""The application as a server finds it: checked first, with public pages from memory."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reading_room.settings")
_django = get_wsgi_application()

from upheld.start import checked  # noqa: E402  # models exist only after the line above

application = checked(_django)
