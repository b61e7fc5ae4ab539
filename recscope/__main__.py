"""python -m recscope."""

import sys

from recscope.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
