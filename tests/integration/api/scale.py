"""A community that is large, by set: what the planner sees at scale.

Rows are spread as in `benchmarks.api.tables`, which makes most of them: for each group ten members,
payments and packets; beside them what hangs on payments and packets, and the events of all.
"""

from typing import Final

import psycopg

from benchmarks.api.tables import fill

MORE: Final = (
    """
INSERT INTO contributions (payment_id, contributor, amount, contributed_at, created_block,
    created_log, updated_block)
SELECT payment_id, sha256(payment_id || n::text::bytea)::bytea, 7, created_at, created_block,
    created_log, created_block FROM payments, generate_series(0, 1) n
""",
    """
INSERT INTO claims (packet_id, claimer, amount, claim_order, claimed_at, created_block, created_log)
SELECT packet_id, m.address, 10, 1, r.created_at, r.created_block, r.created_log
FROM red_packets r JOIN members m USING (group_key) WHERE m.joined_log < 2
""",
    """
INSERT INTO join_requests (group_key, requester, requested_at, requested_block, requested_log,
    updated_block)
SELECT group_key, sha256(address), joined_at, joined_block, joined_log, joined_block FROM members
""",
    """
INSERT INTO events (block_number, log_index, transaction_index, transaction_hash, contract, topic0,
    topic1, topic2, data, decoded)
SELECT created_block, 100 + n * 50 + created_log, 0, sha256(key), contract, sha256(n::text::bytea),
    CASE n WHEN 2 THEN group_key ELSE key END, CASE n WHEN 2 THEN NULL ELSE group_key END, '', true
FROM (SELECT payment_id AS key, group_key, created_block, created_log, 1 AS contract FROM payments
    UNION ALL SELECT packet_id, group_key, created_block, created_log, 2 FROM red_packets
) made, generate_series(0, 2) n
ON CONFLICT DO NOTHING
""",
)


def enlarge(url: str, groups: int) -> None:
    """Fills an empty database, with fresh statistics."""
    fill(url, groups)
    with psycopg.connect(url, autocommit=True) as database:
        for statement in MORE:
            database.execute(statement.encode())
        database.execute("VACUUM (ANALYZE)")
