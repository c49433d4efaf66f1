"""Groups, who is in them, and who asks to be."""

from sqlalchemy import Index, text

from indexer.db import types as t
from indexer.db.models.base import projection
from indexer.db.types import col

GROUPS = projection(
    "groups",
    col("key", t.Bytes, pk=True),
    col("group_id", t.String, null=True),
    col("name", t.String),
    col("avatar", t.String),
    col("description", t.String),
    col("owner", t.Bytes),
    col("is_public", t.Flag),
    col("allow_member_invite", t.Flag),
    col("require_approval", t.Flag),
    col("max_members", t.Uint256),
    col("mute_all", t.Flag),
    col("is_active", t.Flag),
    col("member_count", t.Index),
    col("sources", t.Sources),
    col("created_at", t.Time),
    col("created_block", t.Height),
    col("created_log", t.Index),
    col("updated_block", t.Height),
    Index(None, "created_block", "created_log"),
    Index(None, "updated_block", "created_block", "created_log"),
    Index(None, "member_count", "created_block", "created_log"),
    # A name has no limit, an index entry has one (2,704 bytes): order by 64 characters.
    Index("groups_name_idx", text('left(name, 64) COLLATE "C"'), "created_block", "created_log"),
    Index(
        "groups_name_trgm_idx",
        "name",
        postgresql_using="gin",
        postgresql_ops={"name": "gin_trgm_ops"},
    ),
    Index("groups_search_idx", text("search_terms(name, description)"), postgresql_using="gin"),
    Index(None, "owner", "created_block", "created_log"),
    changing=(
        "name",
        "avatar",
        "description",
        "owner",
        "is_public",
        "allow_member_invite",
        "require_approval",
        "max_members",
        "mute_all",
        "is_active",
        "member_count",
        "sources",
        "updated_block",
    ),
)

MEMBERS = projection(
    "members",
    col("group_key", t.Bytes, pk=True),
    col("address", t.Bytes, pk=True),
    col("role", t.Enum),
    col("is_muted", t.Flag),
    col("joined_at", t.Time),
    col("joined_block", t.Height),
    col("joined_log", t.Index),
    col("updated_block", t.Height),
    Index(None, "group_key", "joined_block", "joined_log"),
    Index(None, "address", "joined_block", "joined_log"),
    Index(None, "updated_block"),
    born="joined_block",
    changing=("role", "is_muted", "joined_at", "joined_block", "joined_log", "updated_block"),
    erasable=True,
)

JOIN_REQUESTS = projection(
    "join_requests",
    col("group_key", t.Bytes, pk=True),
    col("requester", t.Bytes, pk=True),
    col("requested_at", t.Time),
    col("requested_block", t.Height),
    col("requested_log", t.Index),
    col("updated_block", t.Height),
    Index(None, "group_key", "requested_block", "requested_log"),
    Index(None, "updated_block"),
    born="requested_block",
    changing=("requested_at", "requested_block", "requested_log", "updated_block"),
    erasable=True,
)
