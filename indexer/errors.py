"""Every error that dchat raises on purpose.

    DchatError
    ├── Fatal                    waiting does not help; somebody has to act
    │   ├── ConfigError          a setting, flag or file is wrong
    │   ├── DeploymentError      a deployments file is missing, malformed or contradicts the chain
    │   ├── ChainMismatch        a node, a deployment and a database speak of different chains
    │   ├── SchemaError          the database's tables are older or newer than this program
    │   ├── PortInUse            somebody else listens where we want to
    │   ├── Busy                 somebody else works on what we would have to have alone
    │   ├── MissingTool          a program that comes with `make setup` is not there
    │   ├── PartDied             a part of `dchat up` ended by itself
    │   ├── StorageFull          Postgres has no room left
    │   ├── NotAudited           the index is there, and could not be compared with the contracts
    │   └── NothingIndexed       there is no index yet that could be compared
    ├── BadContent               what a CID names, or claims to, is not to be had as asked for
    │   ├── NotACid              it claims to be a CID and is none
    │   ├── CorruptBlock         bytes that do not have the hash that their CID says
    │   ├── Unsupported          a hash, codec or layout that is not read here
    │   └── TooLarge             more bytes than are allowed
    └── Retryable                waiting helps; the caller tries again with growing pauses
        ├── NodeUnavailable      no endpoint answered in time
        │   └── Throttled        the node wants fewer requests
        ├── NodeBehind           the node has not seen a block that we need
        │   └── Unserved         the node is well, and has no answer to this question
        ├── BadAnswer            the node's answer contradicts itself or the protocol
        ├── RangeTooLarge        the node refuses so many blocks or logs in one answer
        ├── BlockGone            a block that we compare with left the chain meanwhile
        ├── DatabaseUnavailable  Postgres does not answer
        ├── BlockMissing         a block of content is not stored here
        ├── ContentUnavailable   nobody who was asked gave the content, or took it, in time
        ├── WorkersUnavailable   nobody takes tasks: no broker answers, or no worker listens there
        ├── LostLeadership       another indexer moved this index meanwhile
        └── Overtaken            the index changed below what a replay began with

The text of each is one line that says what happened and what to do.
"""

from typing import ClassVar


class DchatError(Exception):
    """The root. `exit_code` is what a command that dies of it ends with (see sysexits.h)."""

    exit_code: ClassVar[int] = 1


class Fatal(DchatError):
    """Waiting does not help."""


class ConfigError(Fatal):
    """A setting, flag or file is wrong: the text names it."""

    exit_code = 78


class DeploymentError(ConfigError):
    """A deployments file is missing, malformed or contradicts the chain."""


class ChainMismatch(Fatal):
    """A node, a deployment or a database belongs to another chain."""

    exit_code = 78


class SchemaError(Fatal):
    """The database's schema is not the one this program was made for."""

    exit_code = 78


class PortInUse(Fatal):
    """Another program listens on the port that we were told to use."""

    exit_code = 75


class Busy(Fatal):
    """Another process works on what this command would have to have for itself."""

    exit_code = 75


class MissingTool(Fatal):
    """A program that `make setup` installs is not there."""

    exit_code = 69


class PartDied(Fatal):
    """A part of `dchat up` ended by itself."""

    exit_code = 70


class StorageFull(Fatal):
    """Postgres has no room left; nothing was lost, and nothing more can be written."""

    exit_code = 74


class NothingIndexed(Fatal):
    """There is no index yet that could be compared with the contracts."""

    exit_code = 66


class NotAudited(Fatal):
    """All events are indexed; what changed without one could not be looked for."""

    exit_code = 66

    def __init__(self, cause: str) -> None:
        super().__init__(
            f"everything is indexed, and not audited ({cause}): run it again, or with --no-audit"
            " where no call of the contracts goes without an event"
        )


class BadContent(DchatError):
    """What a CID names, or claims to, is not to be had as asked for, today or tomorrow."""

    exit_code = 65


class NotACid(BadContent):
    """It claims to be a CID and is none."""


class CorruptBlock(BadContent):
    """Bytes that do not have the hash that their CID says; they were not believed."""


class Unsupported(BadContent):
    """A hash, codec or layout that is not read here."""


class TooLarge(BadContent):
    """More bytes than are allowed."""


class Retryable(DchatError):
    """Waiting helps. `retry_after` is the pause in seconds that the other side asked for."""

    exit_code = 69

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class NodeUnavailable(Retryable):
    """No endpoint answered in time."""


class Throttled(NodeUnavailable):
    """The node wants fewer requests."""


class NodeBehind(Retryable):
    """The node has not seen a block that we need."""


class Unserved(NodeBehind):
    """The node is well, and has no answer to this question: a method or a state that it lacks."""


class BadAnswer(Retryable):
    """The node's answer contradicts itself, us or the protocol; it was not believed."""


class RangeTooLarge(Retryable):
    """The node refuses so many blocks or logs at once; `suggested` is its own limit, in blocks.

    Where that is not `certain`, fewer may help, and it is no limit to be remembered.
    """

    def __init__(self, message: str, *, suggested: int | None = None, certain: bool = True) -> None:
        super().__init__(message)
        self.suggested = suggested
        self.certain = certain


class BlockGone(Retryable):
    """The block at which the index is compared with the contracts left the chain meanwhile."""

    exit_code = 75


class DatabaseUnavailable(Retryable):
    """Postgres does not answer."""


class BlockMissing(Retryable):
    """A block of content is not stored here."""

    exit_code = 66


class ContentUnavailable(Retryable):
    """Nobody who was asked gave the content, or took it, in time."""


class WorkersUnavailable(Retryable):
    """Nobody takes tasks: no broker answers, or no worker listens there."""


class LostLeadership(Retryable):
    """Another indexer moved this index while we were working on it."""


class Overtaken(Retryable):
    """The index changed below what a replay began with: it has to start over."""
