"""Django's command line, for this site."""

import os
import sys

from django.core.management import execute_from_command_line

from upheld.policy import PolicyInvalid

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reading_room.settings")
    try:
        execute_from_command_line(sys.argv)
    except PolicyInvalid as findings:
        sys.exit(str(findings))
