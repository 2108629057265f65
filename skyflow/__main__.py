"""`python -m skyflow` is `skyflow`."""

from __future__ import annotations

import sys

from skyflow.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
