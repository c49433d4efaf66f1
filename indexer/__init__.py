"""dchat's indexer: follows the chain and keeps Postgres equal to the contracts."""

from importlib.metadata import version

__version__ = version("dchat")
