-- Attempts that nobody ended, and fates that nobody knows, are looked for every few seconds on every node. What is final
-- must not burden that.
SET LOCAL lock_timeout = '2s';

CREATE INDEX outbound_attempts ON outbound (attempt_started_at) WHERE deadline_at IS NOT NULL;
CREATE INDEX outbound_unsettled ON outbound (unknown_since) WHERE status = 'unknown' AND settled_at IS NULL;
