"""`python -m agent`: the same as the command `reading-corner`."""

import sys

from agent.cli import main

sys.exit(main())
