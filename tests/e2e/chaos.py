"""Everything at once, from a seed: life on a chain, reorgs, nodes that limp, and processes that are
killed in the middle of whatever they do."""

import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from subprocess import Popen
from typing import Any, Final
from urllib.parse import urlsplit

import psutil
import psycopg

from indexer.db.models import PROJECTIONS
from indexer.db.outbox import State
from indexer.dev.home import Home
from indexer.dev.process import last_lines, spawn, stop
from indexer.effects.effect import Kind
from tests.e2e.chain import Chain
from tests.e2e.commands import PROGRAM, dchat, environment, eventually
from tests.e2e.database import Database
from tests.e2e.stack import dev_chain
from tests.e2e.workload import Workload
from tests.fakes.limping import Limping

FAULTS: Final = 0.2
"""Of all requests to a node."""
NODES: Final = 2
INDEXERS: Final = 2
"""One leads, the other stands by."""
DEEPEST: Final = 64
CATCH_UP: Final = 90.0
ENOUGH: Final = 21
"""Effects that stand, for a comparison to say something."""
TABLES: Final = (
    "events",
    *(
        table.name
        for one in PROJECTIONS
        for table in (one.current, one.history)
        if table is not None
    ),
)
DECIDED: Final = (
    "SELECT * FROM blocks WHERE number IN (SELECT block_number FROM events)",
    "SELECT block_number, block_hash, event_count, undecoded_count FROM cursor",
)
"""What does not depend on how the chain was cut into steps. Observations do: who watched a call
that was refused has seen that nothing changed."""
EFFECTS: Final = f"""
SELECT block_hash, log_index, CASE kind WHEN {Kind.INVITED} THEN {Kind.JOINED} ELSE kind END
FROM outbox WHERE retracts IS NULL AND state <> {State.RETRACTED}
"""
"""What stands to be done, whatever happened in between. Who was invited is known where the call was
seen, which it is near the head alone; who was not, joined."""


@dataclass(slots=True, kw_only=True)
class Chaos:
    """A world that is going to suffer. `done` counts what happened to it."""

    home: Home
    chain: Chain
    database: Database
    nodes: Sequence[Limping]
    urls: Sequence[str]
    dice: Random
    indexers: list[Popen[bytes]] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    work: Workload = field(init=False)
    floor: int = field(init=False)

    def __post_init__(self) -> None:
        self.work = Workload(self.chain, self.dice.randrange(1 << 32))
        self.floor = self.chain.height

    def settings(self, **other: object) -> Mapping[str, str]:
        given: dict[str, object] = {
            "home": self.home.path,
            "rpc_urls": ",".join(self.urls),
            "deployment": self.chain.deployment,
            "database_url": self.database.url,
            "rpc_timeout": 1.5,
            "rpc_patience": 300,
            "poll_interval": 0.05,
            "audit_interval": 1,
            "effects_age": 10**10,
        }
        return environment(**(given | other))

    def run(self, *words: str, **settings: object) -> str:
        """What a command printed that has to end well."""
        env = self.settings(rpc_urls=self.chain.url, **settings)
        done = dchat(*words, env=env, cwd=self.home.path, seconds=600)
        assert done.returncode == 0, (words, done.stdout[-5000:], done.stderr[-5000:])
        return done.stdout

    def rage(self, seconds: float) -> None:
        """One thing after the other, for so long; each of them once at least. Then life goes on
        until it had enough effects: on a busy machine little happens in a given time."""
        self.work.run(30)
        self.chain.mine(DEEPEST)
        for _ in range(INDEXERS):
            self._start()
        deadline = time.monotonic() + seconds
        self._await()
        self._reorg(DEEPEST)
        while not self.done["rounds"] or time.monotonic() < deadline:
            self._await()
            self._round()
            self.done["rounds"] += 1
        self._await()
        while len(rows(self.database.url, EFFECTS)) < ENOUGH:
            self._live()
            self._await()

    def _round(self) -> None:
        deck: list[Callable[[], None]] = [self._live] * 12
        deck += [*[self._fork] * 4, *[self._kill] * 2, self._restart, self._absence]
        self.dice.shuffle(deck)
        for happen in deck:
            happen()
            for process in self.indexers:
                assert process.poll() is None, self.told()
            time.sleep(self.dice.choice((0, 0.02, 0.1, 0.3, 1)))

    def _live(self) -> None:
        blocks = self.dice.choice((1, 1, 2, 5))
        self.work.run(blocks)
        self.done["blocks"] += blocks

    def _fork(self) -> None:
        self._reorg(min(int(2 ** self.dice.uniform(0, 6)), DEEPEST))

    def _reorg(self, depth: int) -> None:
        """Other blocks in the place of the newest: at once, or one after the other, or fewer."""
        depth = min(depth, self.chain.height - self.floor)
        self.done["deepest reorg"] = max(self.done["deepest reorg"], depth)
        if self.dice.random() < 0.5:
            calls = [self.work.moves.call() for _ in range(self.dice.randint(0, 8))]
            self.chain.reorg(depth, *calls)
        else:
            self.chain.rpc("anvil_rollback", depth)
            self.work.run(self.dice.randint(1, min(depth, 12)))
            self.chain.mine(self.dice.choice((0, 1, depth)))
        self.done["reorgs"] += 1
        self.done["blocks replaced"] += depth

    def _kill(self) -> None:
        """The one that leads, or the one that stands by."""
        process = self.indexers.pop(self.dice.randrange(len(self.indexers)))
        time.sleep(self.dice.random() / 4)
        stop(process, how=signal.SIGKILL)
        self.done["kills"] += 1
        self._start()

    def _absence(self) -> None:
        """Nobody indexes while the chain grows by more than what is fetched block by block."""
        while self.indexers:
            stop(self.indexers.pop(), how=signal.SIGKILL)
        self._live()
        self.chain.mine(DEEPEST + self.dice.randint(0, 30))
        self._live()
        self.done["absences"] += 1
        for _ in range(INDEXERS):
            self._start()

    def _restart(self) -> None:
        """Of Postgres, which ends its connections in order or none of them."""
        self.database.stop(self.dice.choice((signal.SIGINT, signal.SIGQUIT)))
        time.sleep(self.dice.random() / 2)
        self.database.start()
        self.done["restarts of Postgres"] += 1

    def _start(self) -> None:
        env = self.settings()
        started = spawn([*PROGRAM, "index"], log=self._log, env=env, cwd=self.home.path)
        self.indexers.append(started)

    @property
    def _log(self) -> Path:
        return self.home.log("index")

    def told(self) -> str:
        """What the indexers said last."""
        return "\n".join(last_lines(self._log, 60))

    def settle(self) -> None:
        """Ends the indexers in order, once the index stands where the chain does."""
        self._await()
        assert eventually(self._begun, CATCH_UP, 0.2), self.told()
        self.close()
        assert "Traceback" not in self._log.read_text()

    def _await(self) -> None:
        assert eventually(self._level, CATCH_UP, 0.2), self.told()

    def _level(self) -> bool:
        newest = bytes(self.chain.w3.eth.get_block("latest")["hash"])
        return rows(self.database.url, "SELECT block_hash FROM cursor") == [(newest,)]

    def _begun(self) -> bool:
        """Whether each indexer speaks to Postgres. One that was started a moment ago, and does not
        listen to signals yet, is ended by the signal itself, and not with 0."""
        port = urlsplit(self.database.url).port
        peers = [psutil.Process(one.pid).net_connections("tcp") for one in self.indexers]
        return all(any(peer.raddr and peer.raddr.port == port for peer in one) for one in peers)

    def close(self) -> None:
        """Ends the indexers."""
        for process in self.indexers:
            assert stop(process) == 0, self.told()
        self.indexers.clear()

    def anew(self) -> str:
        """The URL of an index of the same chain that never saw any trouble."""
        rows(self.database.url, "CREATE DATABASE anew")
        url = self.database.url.rsplit("/", 1)[0] + "/anew"
        self.run("migrate", database_url=url)
        self.run("index", "--once", database_url=url)
        return url


@contextmanager
def chaos(path: Path, seed: int) -> Iterator[Chaos]:
    """A world of its own; all of it ended afterwards."""
    home, dice = Home.open(path), Random(seed)
    with ExitStack() as cleanup:
        database = Database(home)
        cleanup.callback(database.stop)
        database.start()
        chain = cleanup.enter_context(dev_chain(home, past=False))
        nodes = [Limping(chain.url, FAULTS, dice.randrange(1 << 32)) for _ in range(NODES)]
        urls = [cleanup.enter_context(node.served()) for node in nodes]
        world = Chaos(home=home, chain=chain, database=database, nodes=nodes, urls=urls, dice=dice)
        cleanup.callback(lambda: [stop(process) for process in world.indexers])
        world.run("migrate")
        yield world


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    """What a query answers, if it answers anything."""
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute(query.encode())
        return found.fetchall() if found.description else []


def everything(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table that the chain alone decides."""
    queries = [*(f"SELECT * FROM {name}" for name in TABLES), *DECIDED]
    return {query: sorted(rows(url, query), key=repr) for query in queries}
