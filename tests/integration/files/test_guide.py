"""The guide's examples of messages and files do what it says, in its order."""

import asyncio
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from api.app import listening
from indexer.units import keccak
from tests.integration.api.listener import joined
from tests.integration.api.rows import put
from tests.integration.api.test_websocket import Server
from tests.integration.files.conftest import Site

GUIDE = Path(__file__).parents[3] / "docs/api.md"
SECTION = re.search(r"^## Messages$(.*?)^## ", GUIDE.read_text(), re.M | re.S)
EXAMPLES = re.findall(r"```(\w+)\n(.*?)```", SECTION[1] if SECTION else "", re.S)
VALUES = {"group": "group_1", "id": "b7c1", "words": "noon", "ciphertext": "AAAA"}


async def test_each_query_and_mutation_of_the_guide_works(
    site: Site, database: Engine, tmp_path: Path
) -> None:
    put(database, events=[joined(5, 0)])
    (tmp_path / "plan.txt").write_text("at noon")
    answers: dict[str, Any] = {}
    values: dict[str, Any] = {**VALUES, "epoch": f"5-0-{keccak(b'5').hex()}"}
    for language, example in EXAMPLES:
        if language == "sh":
            values["file"] = (await uploaded(site, example, tmp_path / "plan.txt"))["id"]
            continue
        kind, name = example.split("(")[0].split()
        if kind == "subscription":
            continue
        asked = {one: values[one] for one in re.findall(r"\$(\w+):", example) if one in values}
        told: Any = await site.query(1, example, **asked)
        assert "errors" not in told, (name, told)
        answers[name] = told["data"]
        if name == "Send":
            values["message"] = answers["Send"]["sendMessage"]["id"]
    history = answers["History"]["group"]["messages"]["nodes"]
    assert [one["content"] for one in history] == ["", "See you at noon"]
    assert answers["Read"]["react"]["reactions"][0]["count"] == 1
    assert len(answers["Overview"]["searchMessages"]["nodes"]) == 1
    assert answers["Overview"]["conversations"]["nodes"][0]["unreadCount"] == 0
    [file] = answers["Attach"]["sendMessage"]["attachments"]
    assert (file["name"], file["size"]) == ("plan.txt", "7")


async def uploaded(site: Site, command: str, file: Path) -> Any:
    """What the command prints, as JSON."""
    server = Server(site.app, timeout_graceful_shutdown=1)
    async with server.running(listening("127.0.0.1", 0)) as port:
        given = {"TOKEN": site.token(1), "FILE": str(file), "API": f"http://127.0.0.1:{port}"}
        done = await asyncio.to_thread(
            subprocess.run,
            ["sh", "-c", command],
            env={**os.environ, **given},
            capture_output=True,
            timeout=60,
        )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
