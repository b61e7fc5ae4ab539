"""Files and folders that are there whole or not at all."""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.errors import StorageError


def _explained(target: Path, error: OSError) -> StorageError:
    reason = error.strerror or str(error)
    advice = {
        errno.ENOSPC: "free some space there, or set RECSCOPE_HOME to a folder on another disk",
        errno.EDQUOT: "free some space there, or set RECSCOPE_HOME to a folder on another disk",
        errno.EACCES: "make it writable, or set RECSCOPE_HOME to a folder that is",
        errno.EROFS: "set RECSCOPE_HOME to a folder that can be written",
    }.get(error.errno or 0, "check the folder, or set RECSCOPE_HOME to another one")
    return StorageError(
        f"could not write {target}: {reason}. Nothing half-written stays; {advice}."
    )


@contextmanager
def new_file(target: Path) -> Iterator[Path]:
    """A temporary path beside `target`, moved onto it when the block ends without an error.

    StorageError where the disk refuses, with what to do; the old file, if any, stays as it was.
    """
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        temporary.replace(target)
    except OSError as error:
        raise _explained(target, error) from error
    finally:
        with suppress(OSError):  # what went wrong first is what the user must hear of
            temporary.unlink(missing_ok=True)


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """A temporary folder beside `target` that takes its place when the block ends without an error.

    StorageError as for `new_file`. A folder already at `target` is replaced; should two writers
    race, the content of one of them stays, whole.
    """
    temporary: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
        yield temporary
        if target.exists():
            shutil.rmtree(target, ignore_errors=True)
        temporary.replace(target)
    except OSError as error:
        raise _explained(target, error) from error
    finally:
        if temporary is not None and temporary.exists():
            shutil.rmtree(temporary, ignore_errors=True)
