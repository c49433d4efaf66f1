"""A chain that can fork and lie, and a node that serves it over HTTP."""

from tests.fakes.chain import Called, FakeBlock, FakeChain, LogSpec, Sent
from tests.fakes.faults import Fault
from tests.fakes.node import FakeNode

__all__ = ["Called", "FakeBlock", "FakeChain", "FakeNode", "Fault", "LogSpec", "Sent"]
