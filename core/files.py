"""Files of a data set, lying in a folder or inside a zip of that folder."""

import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path
from zlib import error as ZlibError  # noqa: N812 - it is an exception class

from core.errors import DatasetError


def digest(path: Path, algorithm: str = "sha256") -> str:
    """Hex digest of a file's content."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, algorithm).hexdigest()


@dataclass(frozen=True)
class Files:
    """A folder to read from.  Members of zips in it are found by name like plain files."""

    folder: Path

    def _in_zip(self, name: str) -> tuple[Path, str] | None:
        for archive in sorted(self.folder.glob("*.zip")):
            try:
                with zipfile.ZipFile(archive) as opened:
                    members = [m for m in opened.namelist() if f"/{m}".endswith(f"/{name}")]
            except zipfile.BadZipFile as error:
                raise DatasetError(
                    f"{archive} is not a whole zip file ({error}); it was probably cut off: "
                    "delete it and fetch it again"
                ) from error
            if members:
                return archive, min(members, key=len)
        return None

    def path(self, name: str) -> Path | None:
        """Where a plain file of this name lies, here or one folder down; None if nowhere."""
        found = [self.folder / name, *sorted(self.folder.glob(f"*/{name}"))]
        return next((path for path in found if path.is_file()), None)

    def has(self, name: str) -> bool:
        return self.path(name) is not None or self._in_zip(name) is not None

    def read(self, name: str) -> bytes:
        """The content; DatasetError says where it was looked for, or that the zip is cut off."""
        if plain := self.path(name):
            return plain.read_bytes()
        found = self._in_zip(name)
        if found is None:
            raise DatasetError(f"no file {name} in {self.folder} or in a zip there")
        archive, member = found
        try:
            with zipfile.ZipFile(archive) as opened:
                return opened.read(member)
        except (zipfile.BadZipFile, ZlibError, EOFError) as error:
            raise DatasetError(
                f"{member} in {archive} cannot be unpacked ({error}): "
                "delete the zip and fetch it again"
            ) from error

    def text(self, name: str, encoding: str = "utf-8") -> str:
        """The content as text; DatasetError names the byte that is not of this encoding."""
        try:
            return self.read(name).decode(encoding)
        except UnicodeDecodeError as error:
            raise DatasetError(
                f"{name} in {self.folder} is not {encoding}: byte {error.start} ({error.reason})"
            ) from error
