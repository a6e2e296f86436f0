import sys

from upheld_store.site.command_line import main

sys.exit(main())
