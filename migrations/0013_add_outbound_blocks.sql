-- A reply of unknown fate holds its conversation up from the first session after it, not anew with each one. Those to
-- send again are few among many that wait: they are claimed by an index of their own.
SET LOCAL lock_timeout = '2s';

ALTER TABLE outbound ADD COLUMN blocks_from timestamptz;
CREATE INDEX outbound_again ON outbound (line_id, next_attempt_at, conversation_id, seq)
    WHERE status = 'unknown' AND deadline_at IS NULL AND settled_at IS NULL;
