-- An archived line that nobody owned when it was archived keeps its account until a node has unlinked it. Claims look
-- for these every second; the time of a line that is through with is infinite.
SET LOCAL lock_timeout = '2s';
CREATE INDEX lines_to_unlink ON lines (next_start_at) WHERE archived_at IS NOT NULL AND owner_incarnation IS NULL;
