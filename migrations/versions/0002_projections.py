"""Projections and their histories.

Trigram search needs the extension pg_trgm, which the owner of a database may create.
"""

from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"

TABLES = """
CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TABLE groups (
    key bytea NOT NULL,
    group_id text,
    name text NOT NULL,
    avatar text NOT NULL,
    description text NOT NULL,
    owner bytea NOT NULL,
    is_public boolean NOT NULL,
    allow_member_invite boolean NOT NULL,
    require_approval boolean NOT NULL,
    max_members numeric(78, 0) NOT NULL,
    mute_all boolean NOT NULL,
    is_active boolean NOT NULL,
    member_count integer NOT NULL,
    created_at timestamptz NOT NULL,
    created_block bigint NOT NULL,
    created_log integer NOT NULL,
    updated_block bigint NOT NULL,
    CONSTRAINT groups_pkey PRIMARY KEY (key)
);
CREATE INDEX groups_created_block_created_log_idx
    ON groups (created_block, created_log);
CREATE INDEX groups_member_count_created_block_created_log_idx
    ON groups (member_count, created_block, created_log);
CREATE INDEX groups_name_idx
    ON groups (left(name, 64) COLLATE "C", created_block, created_log);
CREATE INDEX groups_name_trgm_idx
    ON groups USING gin (name gin_trgm_ops);
CREATE INDEX groups_owner_created_block_created_log_idx
    ON groups (owner, created_block, created_log);
CREATE INDEX groups_updated_block_created_block_created_log_idx
    ON groups (updated_block, created_block, created_log);
CREATE TABLE groups_history (
    key bytea NOT NULL,
    name text NOT NULL,
    avatar text NOT NULL,
    description text NOT NULL,
    owner bytea NOT NULL,
    is_public boolean NOT NULL,
    allow_member_invite boolean NOT NULL,
    require_approval boolean NOT NULL,
    max_members numeric(78, 0) NOT NULL,
    mute_all boolean NOT NULL,
    is_active boolean NOT NULL,
    member_count integer NOT NULL,
    updated_block bigint NOT NULL,
    until_block bigint NOT NULL,
    CONSTRAINT groups_history_pkey PRIMARY KEY (key, updated_block)
);
CREATE INDEX groups_history_until_block_idx
    ON groups_history (until_block);
CREATE TABLE members (
    group_key bytea NOT NULL,
    address bytea NOT NULL,
    role smallint NOT NULL,
    is_muted boolean NOT NULL,
    joined_at timestamptz NOT NULL,
    joined_block bigint NOT NULL,
    joined_log integer NOT NULL,
    updated_block bigint NOT NULL,
    CONSTRAINT members_pkey PRIMARY KEY (group_key, address)
);
CREATE INDEX members_address_joined_block_joined_log_idx
    ON members (address, joined_block, joined_log);
CREATE INDEX members_group_key_joined_block_joined_log_idx
    ON members (group_key, joined_block, joined_log);
CREATE INDEX members_updated_block_idx
    ON members (updated_block);
CREATE TABLE members_history (
    group_key bytea NOT NULL,
    address bytea NOT NULL,
    role smallint NOT NULL,
    is_muted boolean NOT NULL,
    joined_at timestamptz NOT NULL,
    joined_block bigint NOT NULL,
    joined_log integer NOT NULL,
    updated_block bigint NOT NULL,
    until_block bigint NOT NULL,
    CONSTRAINT members_history_pkey PRIMARY KEY (group_key, address, updated_block)
);
CREATE INDEX members_history_until_block_idx
    ON members_history (until_block);
CREATE TABLE join_requests (
    group_key bytea NOT NULL,
    requester bytea NOT NULL,
    requested_at timestamptz NOT NULL,
    requested_block bigint NOT NULL,
    requested_log integer NOT NULL,
    updated_block bigint NOT NULL,
    CONSTRAINT join_requests_pkey PRIMARY KEY (group_key, requester)
);
CREATE INDEX join_requests_group_key_requested_block_requested_log_idx
    ON join_requests (group_key, requested_block, requested_log);
CREATE INDEX join_requests_updated_block_idx
    ON join_requests (updated_block);
CREATE TABLE join_requests_history (
    group_key bytea NOT NULL,
    requester bytea NOT NULL,
    requested_at timestamptz NOT NULL,
    requested_block bigint NOT NULL,
    requested_log integer NOT NULL,
    updated_block bigint NOT NULL,
    until_block bigint NOT NULL,
    CONSTRAINT join_requests_history_pkey PRIMARY KEY (group_key, requester, updated_block)
);
CREATE INDEX join_requests_history_until_block_idx
    ON join_requests_history (until_block);
CREATE TABLE payments (
    payment_id bytea NOT NULL,
    kind smallint NOT NULL,
    group_key bytea NOT NULL,
    group_id text,
    initiator bytea NOT NULL,
    target_amount numeric(78, 0) NOT NULL,
    collected_amount numeric(78, 0) NOT NULL,
    per_person_amount numeric(78, 0),
    min_contribution numeric(78, 0),
    title text,
    description text NOT NULL,
    deadline_seconds numeric(78, 0) NOT NULL,
    status smallint NOT NULL,
    funds_withdrawn boolean NOT NULL,
    created_at timestamptz NOT NULL,
    created_block bigint NOT NULL,
    created_log integer NOT NULL,
    updated_block bigint NOT NULL,
    CONSTRAINT payments_pkey PRIMARY KEY (payment_id)
);
CREATE INDEX payments_collected_amount_created_block_created_log_idx
    ON payments (collected_amount, created_block, created_log);
CREATE INDEX payments_created_block_created_log_idx
    ON payments (created_block, created_log);
CREATE INDEX payments_deadline_seconds_created_block_created_log_idx
    ON payments (deadline_seconds, created_block, created_log);
CREATE INDEX payments_group_key_created_block_created_log_idx
    ON payments (group_key, created_block, created_log);
CREATE INDEX payments_initiator_created_block_created_log_idx
    ON payments (initiator, created_block, created_log);
CREATE INDEX payments_target_amount_created_block_created_log_idx
    ON payments (target_amount, created_block, created_log);
CREATE INDEX payments_updated_block_created_block_created_log_idx
    ON payments (updated_block, created_block, created_log);
CREATE TABLE payments_history (
    payment_id bytea NOT NULL,
    collected_amount numeric(78, 0) NOT NULL,
    status smallint NOT NULL,
    funds_withdrawn boolean NOT NULL,
    updated_block bigint NOT NULL,
    until_block bigint NOT NULL,
    CONSTRAINT payments_history_pkey PRIMARY KEY (payment_id, updated_block)
);
CREATE INDEX payments_history_until_block_idx
    ON payments_history (until_block);
CREATE TABLE participants (
    payment_id bytea NOT NULL,
    position integer NOT NULL,
    address bytea NOT NULL,
    created_block bigint NOT NULL,
    CONSTRAINT participants_pkey PRIMARY KEY (payment_id, position)
);
CREATE INDEX participants_address_payment_id_idx
    ON participants (address, payment_id);
CREATE INDEX participants_created_block_idx
    ON participants (created_block);
CREATE TABLE contributions (
    payment_id bytea NOT NULL,
    contributor bytea NOT NULL,
    amount numeric(78, 0) NOT NULL,
    contributed_at timestamptz NOT NULL,
    created_block bigint NOT NULL,
    created_log integer NOT NULL,
    updated_block bigint NOT NULL,
    CONSTRAINT contributions_pkey PRIMARY KEY (payment_id, contributor)
);
CREATE INDEX contributions_contributor_payment_id_idx
    ON contributions (contributor, payment_id);
CREATE INDEX contributions_created_block_idx
    ON contributions (created_block);
CREATE INDEX contributions_payment_id_created_block_created_log_idx
    ON contributions (payment_id, created_block, created_log);
CREATE INDEX contributions_updated_block_idx
    ON contributions (updated_block);
CREATE TABLE contributions_history (
    payment_id bytea NOT NULL,
    contributor bytea NOT NULL,
    amount numeric(78, 0) NOT NULL,
    contributed_at timestamptz NOT NULL,
    updated_block bigint NOT NULL,
    until_block bigint NOT NULL,
    CONSTRAINT contributions_history_pkey PRIMARY KEY (payment_id, contributor, updated_block)
);
CREATE INDEX contributions_history_until_block_idx
    ON contributions_history (until_block);
CREATE TABLE refund_balances (
    address bytea NOT NULL,
    amount numeric(78, 0) NOT NULL,
    created_block bigint NOT NULL,
    updated_block bigint NOT NULL,
    CONSTRAINT refund_balances_pkey PRIMARY KEY (address)
);
CREATE INDEX refund_balances_created_block_idx
    ON refund_balances (created_block);
CREATE INDEX refund_balances_updated_block_idx
    ON refund_balances (updated_block);
CREATE TABLE refund_balances_history (
    address bytea NOT NULL,
    amount numeric(78, 0) NOT NULL,
    updated_block bigint NOT NULL,
    until_block bigint NOT NULL,
    CONSTRAINT refund_balances_history_pkey PRIMARY KEY (address, updated_block)
);
CREATE INDEX refund_balances_history_until_block_idx
    ON refund_balances_history (until_block);
CREATE TABLE red_packets (
    packet_id bytea NOT NULL,
    kind smallint NOT NULL,
    group_key bytea NOT NULL,
    group_id text,
    sender bytea NOT NULL,
    message text NOT NULL,
    total_amount numeric(78, 0) NOT NULL,
    remaining_amount numeric(78, 0) NOT NULL,
    total_count numeric(78, 0) NOT NULL,
    remaining_count numeric(78, 0) NOT NULL,
    fixed_amount numeric(78, 0),
    status smallint NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    created_block bigint NOT NULL,
    created_log integer NOT NULL,
    updated_block bigint NOT NULL,
    CONSTRAINT red_packets_pkey PRIMARY KEY (packet_id)
);
CREATE INDEX red_packets_created_block_created_log_idx
    ON red_packets (created_block, created_log);
CREATE INDEX red_packets_expires_at_created_block_created_log_idx
    ON red_packets (expires_at, created_block, created_log);
CREATE INDEX red_packets_group_key_created_block_created_log_idx
    ON red_packets (group_key, created_block, created_log);
CREATE INDEX red_packets_sender_created_block_created_log_idx
    ON red_packets (sender, created_block, created_log);
CREATE INDEX red_packets_total_amount_created_block_created_log_idx
    ON red_packets (total_amount, created_block, created_log);
CREATE INDEX red_packets_updated_block_created_block_created_log_idx
    ON red_packets (updated_block, created_block, created_log);
CREATE TABLE red_packets_history (
    packet_id bytea NOT NULL,
    remaining_amount numeric(78, 0) NOT NULL,
    remaining_count numeric(78, 0) NOT NULL,
    status smallint NOT NULL,
    updated_block bigint NOT NULL,
    until_block bigint NOT NULL,
    CONSTRAINT red_packets_history_pkey PRIMARY KEY (packet_id, updated_block)
);
CREATE INDEX red_packets_history_until_block_idx
    ON red_packets_history (until_block);
CREATE TABLE recipients (
    packet_id bytea NOT NULL,
    position integer NOT NULL,
    address bytea NOT NULL,
    created_block bigint NOT NULL,
    CONSTRAINT recipients_pkey PRIMARY KEY (packet_id, position)
);
CREATE INDEX recipients_created_block_idx
    ON recipients (created_block);
CREATE TABLE claims (
    packet_id bytea NOT NULL,
    claimer bytea NOT NULL,
    amount numeric(78, 0) NOT NULL,
    claim_order numeric(78, 0) NOT NULL,
    claimed_at timestamptz NOT NULL,
    created_block bigint NOT NULL,
    created_log integer NOT NULL,
    CONSTRAINT claims_pkey PRIMARY KEY (packet_id, claimer)
);
CREATE INDEX claims_claimer_created_block_created_log_idx
    ON claims (claimer, created_block, created_log);
CREATE INDEX claims_created_block_idx
    ON claims (created_block);
CREATE INDEX claims_packet_id_created_block_created_log_idx
    ON claims (packet_id, created_block, created_log);
"""


def upgrade() -> None:
    op.execute(TABLES)
