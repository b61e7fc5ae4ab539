"""python -m recscope: pick the command, run it, turn mistakes into one line and an exit code.."""

import os
import sys
from collections.abc import Sequence
from importlib import import_module

from core.errors import RecScopeError
from core.privacy import switch_off_telemetry
from recscope.cli.parser import parser

DONE, BAD_INPUT = 0, 2
INTERRUPTED, BROKEN_PIPE = 130, 141  # as shells count them: 128 + the signal's number


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code: 0 done, 1 a gate failed, 2 bad input, 130 interrupted, 141 nobody reads on."""
    switch_off_telemetry()
    given = parser().parse_args(arguments)
    module, _, name = given.command.partition(":")
    try:
        code: int = getattr(import_module(f"recscope.cli.{module}"), name)(given)
        sys.stdout.flush()
    except RecScopeError as error:
        sys.stderr.write(f"recscope: {error}\n")
        return BAD_INPUT
    except KeyboardInterrupt:
        sys.stderr.write("recscope: interrupted\n")
        return INTERRUPTED
    except BrokenPipeError:
        # Python flushes stdout once more at exit, which must not fail again
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    return code
