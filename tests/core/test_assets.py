"""Files from outside: what is kept, what is refused, and what is said when nothing comes."""

import base64
import errno
import hashlib
import http.server
import threading
import zipfile
from pathlib import Path

import pytest

from core import assets
from core.assets import asset_folder, fetch, fetch_first, is_here
from core.cards import Source
from core.errors import ChecksumError, FetchError, StorageError

CONTENT = b"user::item\n" * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/none.zip":
            self.send_error(404)
            return
        self.send_response(200)
        length = len(CONTENT) * (2 if self.path == "/cut.zip" else 1)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(CONTENT)

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def address():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def registry(tmp_path, monkeypatch):
    """A package registry of one wheel, and no other."""
    folder = tmp_path / "registry"
    folder.mkdir()
    wheel = folder / "toydata-1.0-py3-none-any.whl"
    info = "toydata-1.0.dist-info"
    files = {
        "toydata/a.csv": CONTENT,
        f"{info}/METADATA": b"Metadata-Version: 2.1\nName: toydata\nVersion: 1.0\n",
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    with zipfile.ZipFile(wheel, "w") as opened:
        record = ""
        for name, content in files.items():
            opened.writestr(name, content)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().strip("=")
            record += f"{name},sha256={digest},{len(content)}\n"
        opened.writestr(f"{info}/RECORD", record)
    no_registry(monkeypatch)
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return hashlib.sha256(wheel.read_bytes()).hexdigest()


def no_registry(monkeypatch):
    for name in ("PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_CERT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_of_the_web_is_fetched_once_and_kept(fresh_home, address, monkeypatch):
    source = Source("url", f"{address}/a.zip", sha256=SHA256)
    seen = []
    assert not is_here(source)
    folder = fetch(source, lambda done, total: seen.append((done, total)))
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert (folder / "a.zip").read_bytes() == CONTENT
    assert is_here(source)
    monkeypatch.setattr(assets, "_from_url", None)
    assert fetch(source) == folder


def test_an_md5_serves_where_the_publisher_has_no_better(fresh_home, address):
    good = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()
    fetch(Source("url", f"{address}/a.zip", md5=good))
    with pytest.raises(ChecksumError, match="wanted md5 0123, got"):
        fetch(Source("url", f"{address}/a.zip", md5="0123"))


def test_a_file_without_checksum_is_taken_and_that_is_said(fresh_home, address, caplog):
    fetch(Source("url", f"{address}/a.zip"))
    assert "names no checksum" in caplog.text


def test_a_wrong_checksum_keeps_nothing(fresh_home, address):
    source = Source("url", f"{address}/a.zip", sha256="0" * 64)
    with pytest.raises(
        ChecksumError, match=r"a\.zip is not the file the card names: wanted sha256"
    ):
        fetch(source)
    assert names(asset_folder(source).parent) == []


def test_a_kept_file_that_has_changed_is_fetched_again(fresh_home, address):
    source = Source("url", f"{address}/a.zip", sha256=SHA256)
    folder = fetch(source)
    (folder / "a.zip").write_bytes(CONTENT[:100])
    assert (fetch(source) / "a.zip").read_bytes() == CONTENT
    (folder / assets.RECEIPT).write_text("{")
    assert (fetch(source) / "a.zip").read_bytes() == CONTENT


@pytest.mark.parametrize(
    "path, message",
    [("none.zip", r"no answer from http.*/none\.zip"), ("cut.zip", "the connection broke after")],
)
def test_what_does_not_come_whole_is_not_kept(fresh_home, address, path, message):
    source = Source("url", f"{address}/{path}", sha256=SHA256)
    with pytest.raises(FetchError, match=message):
        fetch(source)
    assert not is_here(source)


def test_no_network_is_said_with_the_address(fresh_home):
    with pytest.raises(FetchError, match=r"no answer from http://127.*check the network"):
        fetch(Source("url", "http://127.0.0.1:9/a.zip", sha256=SHA256))


def test_only_web_addresses_are_opened(fresh_home):
    with pytest.raises(FetchError, match="file:///etc/passwd is not a web address"):
        fetch(Source("url", "file:///etc/passwd"))


def test_a_full_disk_while_fetching_is_said_and_leaves_nothing(fresh_home, address, monkeypatch):
    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(assets, "_copy", full)
    source = Source("url", f"{address}/a.zip", sha256=SHA256)
    with pytest.raises(StorageError, match=r"No space left on device.*free some space"):
        fetch(source)
    assert names(asset_folder(source).parent) == []


def test_a_file_comes_out_of_a_registry_package(fresh_home, registry):
    source = Source("package", "toydata==1.0", sha256=registry, files={"toydata/a.csv": ""})
    folder = fetch(source)
    assert names(folder) == ["a.csv", assets.RECEIPT]
    assert (folder / "a.csv").read_bytes() == CONTENT


def test_a_package_that_is_not_the_pinned_one_is_refused(fresh_home, registry):
    source = Source("package", "toydata==1.0", sha256="0" * 64, files={"toydata/a.csv": ""})
    message = f"registry's toydata==1.0 is not the file the card names.*got {registry}"
    with pytest.raises(ChecksumError, match=message):
        fetch(source)


def test_a_package_without_the_wanted_file_is_said(fresh_home, registry):
    source = Source("package", "toydata==1.0", sha256=registry, files={"toydata/b.csv": ""})
    with pytest.raises(FetchError, match=r"toydata-1.0-py3-none-any.whl holds no toydata/b\.csv"):
        fetch(source)


def test_no_registry_is_said_and_what_to_check(fresh_home, monkeypatch):
    no_registry(monkeypatch)
    source = Source("package", "toydata==1.0", sha256="0" * 64, files={"a": ""})
    message = r"pip could not download toydata==1\.0 .*; check the network and pip's index"
    with pytest.raises(FetchError, match=message):
        fetch(source)


@pytest.mark.parametrize(
    "said, kind, message",
    [
        ("/usr/bin/python: No module named pip", FetchError, "no pip .*python -m ensurepip"),
        ("ERROR: [Errno 28] No space left on device", StorageError, "no space left for x==1"),
        ("", FetchError, "pip said nothing"),
    ],
)
def test_what_pip_complains_of_is_said_in_our_words(said, kind, message):
    with pytest.raises(kind, match=message):
        raise assets._pip_failure(Source("package", "x==1"), said)


def test_a_download_that_takes_forever_ends(fresh_home, monkeypatch):
    monkeypatch.setattr(assets, "TIMEOUT_SECONDS", 0.001)
    with pytest.raises(FetchError, match=r"pip did not finish within 0\.001 s"):
        fetch(Source("package", "toydata==1.0", sha256="0" * 64))


def test_a_local_folder_is_read_where_it_lies(fresh_home, tmp_path, monkeypatch):
    monkeypatch.setenv("RECSCOPE_DATA_DIR", str(tmp_path))
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / "a.csv").write_bytes(CONTENT)
    assert fetch(Source("folder", "toy", files={"a.csv": SHA256})) == tmp_path / "toy"
    with pytest.raises(ChecksumError, match=r"a\.csv is not the file the card names"):
        fetch(Source("folder", "toy", files={"a.csv": "0" * 64}))
    with pytest.raises(FetchError, match=r"no folder toy with b\.csv in "):
        fetch(Source("folder", "toy", files={"b.csv": ""}))


def test_what_is_here_already_is_taken_before_what_must_be_fetched(
    fresh_home, tmp_path, monkeypatch
):
    monkeypatch.setenv("RECSCOPE_DATA_DIR", str(tmp_path))
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / "a.csv").write_bytes(CONTENT)
    here = Source("folder", "toy", files={"a.csv": SHA256})
    away = Source("url", "http://127.0.0.1:9/a.zip", sha256=SHA256)
    assert fetch_first([away, here], "toy")[0] == here


def test_every_source_that_was_tried_is_named(fresh_home, tmp_path, monkeypatch):
    monkeypatch.setenv("RECSCOPE_DATA_DIR", str(tmp_path))
    sources = [Source("folder", "toy"), Source("url", "http://127.0.0.1:9/a.zip", sha256=SHA256)]
    with pytest.raises(FetchError) as raised:
        fetch_first(sources, "toy")
    message = str(raised.value)
    assert message.startswith("could not get toy; tried 2 source(s):")
    assert "folder toy" in message
    assert "url http://127.0.0.1:9/a.zip" in message


def test_a_generated_source_has_nothing_to_fetch(fresh_home):
    with pytest.raises(FetchError, match="there is nothing to fetch"):
        fetch(Source("generated", "core.sandbox"))
