-- Lines that were let go in a state that only an owner ends are looked for every second, on every node.

SET LOCAL lock_timeout = '2s';

CREATE INDEX lines_unowned ON lines (state)
    WHERE owner_incarnation IS NULL AND archived_at IS NULL AND stopped_at IS NULL;
-- Made-up addresses are forgotten in batches, the oldest first.
CREATE INDEX login_failures_age ON login_failures (updated_at);
