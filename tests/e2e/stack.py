"""The whole stack as real processes: Postgres, a dev chain, `dchat index` and `dchat serve`."""

import asyncio
import json
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from indexer.dev.chain import CHAIN_ID, DevChain
from indexer.dev.community import community_of
from indexer.dev.deployment import deployed
from indexer.dev.home import Home
from indexer.dev.jsonrpc import JsonRpc, connected
from indexer.dev.ports import free_port
from indexer.dev.postgres import embedded_postgres
from indexer.dev.process import last_lines, spawn, stop
from indexer.errors import NodeUnavailable
from tests.e2e.chain import Chain
from tests.e2e.commands import PROGRAM, dchat, environment, eventually
from tests.e2e.graph import Graph
from tests.e2e.node import Node
from tests.e2e.revisions import HARDENED, OURS, Revision, artifact


@contextmanager
def dev_chain(home: Home, *, past: bool = True, revision: Revision = HARDENED) -> Iterator[Chain]:
    """A dev chain with our contracts, and perhaps a community's past; it then stands still."""
    port = free_port()
    process = DevChain(home=home).start(port)
    try:
        url = f"http://127.0.0.1:{port}"
        path = asyncio.run(_settle(home, url, process, past, revision))
        with closing(Chain(url, path, revision)) as chain:
            chain.pause()
            yield chain
    finally:
        stop(process)


async def _settle(
    home: Home, url: str, process: subprocess.Popen[bytes], past: bool, revision: Revision
) -> Path:
    async with connected(url) as rpc:
        while not await _answers(rpc):
            assert process.poll() is None, last_lines(home.log("chain"))
            await asyncio.sleep(0.02)
        if revision is not HARDENED:
            return await asyncio.to_thread(_place, home, url, revision)
        path = await deployed(home, rpc)
        if past:
            await (await community_of(rpc, path, seed=11)).settle()
        return path


async def _answers(rpc: JsonRpc) -> bool:
    with suppress(NodeUnavailable):
        return bool(await rpc.call("eth_chainId"))
    return False


def _place(home: Home, url: str, revision: Revision) -> Path:
    """The deployments file of a revision that no dapp deploys any more."""
    path, contracts = home.room("deployments") / f"{CHAIN_ID}.json", {}
    with closing(Node(url)) as node:
        node.pause()
        for name in OURS:
            made = node.create(artifact(revision, name)["bytecode"])
            contracts[name] = {"address": str(made.contract), "startBlock": made.block}
    path.write_text(json.dumps({"chainId": CHAIN_ID, "contracts": contracts}))
    return path


@dataclass(slots=True, kw_only=True)
class Stack:
    """`index` and `serve` are the running commands."""

    home: Home
    chain: Chain
    database_url: str
    port: int = field(default_factory=free_port)
    parts: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    graph: Graph = field(init=False)

    def __post_init__(self) -> None:
        self.graph = Graph(f"http://127.0.0.1:{self.port}/graphql")

    def settings(self) -> Mapping[str, str]:
        return environment(
            home=self.home.path,
            rpc_urls=self.chain.url,
            deployment=self.chain.deployment,
            database_url=self.database_url,
            port=self.port,
        )

    def start(self, verb: str) -> None:
        """Starts `dchat <verb>` as a process of its own."""
        env, cwd = self.settings(), self.home.path
        self.parts[verb] = spawn([*PROGRAM, verb], log=self.home.log(verb), env=env, cwd=cwd)

    def end(self, verb: str) -> int:
        return stop(self.parts.pop(verb), how=signal.SIGTERM)

    def close(self) -> None:
        """Ends what still runs."""
        self.graph.close()
        for verb in list(self.parts):
            self.end(verb)

    def migrate(self) -> None:
        self.run("migrate")

    def run(self, *words: str) -> str:
        """What a command printed that has to end well. A failing test shows what it logged."""
        done = dchat(*words, env=self.settings(), cwd=self.home.path, seconds=300)
        print(words, done.stderr)
        assert done.returncode == 0, (words, done.stdout[-5000:], done.stderr[-5000:])
        return done.stdout

    def synced(self, seconds: float = 60) -> int:
        """The block at which chain and index stand together."""
        assert eventually(self._is_synced, seconds, 0.02), (
            self.chain.height,
            self.graph.meta(),
            last_lines(self.home.log("index")),
        )
        return self.chain.height

    def is_up(self) -> bool:
        """True; a part that has ended by itself fails the test."""
        for verb, part in self.parts.items():
            assert part.poll() is None, (verb, last_lines(self.home.log(verb)))
        return True

    def _is_synced(self) -> bool:
        assert self.is_up()
        block = self.chain.w3.eth.get_block("latest")
        indexed = self.graph.meta()["block"]
        return bool(indexed and indexed["hash"] == "0x" + bytes(block["hash"]).hex())


@contextmanager
def whole_stack(path: Path, *, past: bool = True, revision: Revision = HARDENED) -> Iterator[Stack]:
    """Everything, synced; all of it ended afterwards."""
    home = Home.open(path)
    with ExitStack() as cleanup:
        url = cleanup.enter_context(embedded_postgres(home.path))
        chain = cleanup.enter_context(dev_chain(home, past=past, revision=revision))
        stack = Stack(home=home, chain=chain, database_url=url)
        cleanup.callback(stack.close)
        stack.migrate()
        for verb in ("serve", "index"):
            stack.start(verb)
        assert eventually(lambda: stack.is_up() and stack.graph.answers()), home.log("serve")
        stack.synced()
        yield stack
