"""`python -m hw_tests.virtual_pi`."""

import sys

from hw_tests.virtual_pi.cli import main

sys.exit(main())
