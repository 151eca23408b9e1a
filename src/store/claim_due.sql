-- What is due, and since when; the claimer's share of it; the lines that it gets. Whoever is about to take lines counts as
-- one that does. What waited for 2 s is anybody's, 50 at a time: a node that takes its share should have had it by then.
-- A line that is to move is reserved for that node, beyond its share, until the order runs out or that node takes none.
WITH due AS (
    SELECT d.id, n.dead_at AS since FROM lines d JOIN nodes n ON n.incarnation = d.owner_incarnation
    WHERE n.dead_at IS NOT NULL
    UNION ALL
    SELECT u.id, u.next_start_at FROM lines u
    JOIN billing b ON b.organization_id = u.organization_id AND b.state IN ('active', 'past_due')
    WHERE u.desired = 'running' AND u.archived_at IS NULL AND u.owner_incarnation IS NULL
        AND u.stopped_at IS NULL AND u.next_start_at <= now()
    UNION ALL
    SELECT f.id, f.since FROM lines f
    JOIN billing b ON b.organization_id = f.organization_id AND b.state IN ('active', 'past_due')
    WHERE f.state = 'failed' AND f.state_detail ->> 'reason' = 'client_outdated'
        AND f.owner_incarnation IS NULL AND f.archived_at IS NULL AND f.stopped_at IS NULL
        AND NOT EXISTS (SELECT 1 FROM client_breakers r WHERE r.provider = $3 AND r.client_version = $4)
    UNION ALL
    SELECT s.id, s.next_start_at FROM lines s
    JOIN billing b ON b.organization_id = s.organization_id AND b.state IN ('active', 'past_due')
    WHERE s.state = ANY ($5) AND s.archived_at IS NULL AND s.owner_incarnation IS NULL
        AND s.stopped_at IS NULL AND s.next_start_at <= now()
    UNION ALL
    SELECT k.id, c.created_at FROM line_commands c
    JOIN lines k ON k.organization_id = c.organization_id AND k.id = c.line_id
    JOIN billing b ON b.organization_id = k.organization_id AND b.state IN ('active', 'past_due')
    WHERE c.kind IN ('pair', 'wakeup') AND c.state IN ('queued', 'running') AND c.expires_at > now()
        AND k.archived_at IS NULL AND k.owner_incarnation IS NULL AND k.stopped_at IS NULL
    UNION ALL
    SELECT a.id, a.next_start_at FROM lines a
    WHERE a.archived_at IS NOT NULL AND a.owner_incarnation IS NULL AND a.next_start_at <= now()
        AND EXISTS (SELECT 1 FROM line_credentials s
                    WHERE s.organization_id = a.organization_id AND s.line_id = a.id)
), share AS (
    -- Counted only when there is something to share out.
    SELECT CASE WHEN EXISTS (SELECT 1 FROM due) THEN greatest(
        ceil(((SELECT count(*) FROM lines o JOIN nodes n ON n.incarnation = o.owner_incarnation WHERE n.dead_at IS NULL)
              + (SELECT count(DISTINCT id) FROM due))::float8
             / (SELECT greatest(count(*), 1) FROM nodes WHERE dead_at IS NULL AND (takes_lines OR incarnation = $2)))::bigint
            - (SELECT count(*) FROM lines m WHERE m.owner_incarnation = $2),
        (SELECT count(*) FROM lines r WHERE r.move_to = $2 AND r.id IN (SELECT id FROM due)),
        CASE WHEN EXISTS (SELECT 1 FROM due WHERE since < now() - interval '2 seconds') THEN 50 ELSE 0 END)
    ELSE 0 END AS room
)
SELECT l.id
FROM lines l
WHERE l.id IN (SELECT id FROM due)
    AND (l.owner_incarnation IS NULL
         OR EXISTS (SELECT 1 FROM nodes n WHERE n.incarnation = l.owner_incarnation AND n.dead_at IS NOT NULL))
    AND EXISTS (SELECT 1 FROM nodes me WHERE me.incarnation = $2 AND me.dead_at IS NULL)
    AND (l.move_to IS NULL OR l.move_to = $2 OR l.move_until <= now()
         OR NOT EXISTS (SELECT 1 FROM nodes t WHERE t.incarnation = l.move_to AND t.dead_at IS NULL AND t.takes_lines))
ORDER BY l.move_to IS NULL, l.next_start_at
LIMIT (SELECT least($1::bigint, room) FROM share)
FOR UPDATE OF l SKIP LOCKED
