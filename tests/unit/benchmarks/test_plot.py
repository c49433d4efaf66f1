"""Pictures are drawn of what can be read: results of other versions are named and left out."""

from pathlib import Path

import msgspec
import pytest

from benchmarks.peers.report import Report
from benchmarks.plot import readable

REPORT = Report(events=7, dchat=[], peers=[], missing={"envio": "no such chain"})


def test_the_newest_that_can_be_read_is_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = {
        "peers-1.json": msgspec.json.encode(REPORT),
        "peers-2.json": b'{"events": 7}',
        "peers-3.json": b"{",
        "growth-1.json": b"{}",
        "latency-1.json": b"{}",
    }
    files = [tmp_path / name for name in texts]
    for file in files:
        file.write_bytes(texts[file.name])
    [(name, file, found)] = readable(files)
    assert (name, file.name, found) == ("peers", "peers-1.json", REPORT)
    said = capsys.readouterr().err.splitlines()
    assert [line.partition(" ")[0] for line in said] == [
        "peers-3.json",
        "peers-2.json",
        "growth-1.json",
    ]
