-- One statement: the fence, the heads of conversations, their intents and the hints. Replies that wait and those to
-- send again are looked for in their own order, each by its index: an actor never asks for more than 16, its window.
-- A head that somebody else holds is passed over, and still goes before what comes after it: that is read, not locked.
-- What the provider will be given again keeps its place in each new session, until it is: a session shorter than the
-- wait for its receipt must not let others overtake it. What only a receipt or a person can settle does so once.
WITH line AS (
    SELECT organization_id, id, session_started_at,
        stopped_at IS NULL AND archived_at IS NULL AND state IN ('connected', 'restricted')
        AND EXISTS (SELECT 1 FROM billing b
                    WHERE b.organization_id = lines.organization_id AND b.state IN ('active', 'past_due')) AS takes
    FROM lines
    WHERE organization_id = $1 AND id = $2 AND owner_incarnation = $3 AND epoch = $4 FOR SHARE
), waiting AS (
    SELECT o.organization_id, o.message_id, o.conversation_id, o.seq, o.next_attempt_at FROM outbound o
    WHERE o.organization_id = $1 AND o.line_id = $2 AND (SELECT takes FROM line)
        AND o.status = 'queued'
        AND o.next_attempt_at <= now() AND o.expires_at > now() AND o.recipient IS NOT NULL
        AND NOT EXISTS (
            SELECT 1 FROM outbound e
            WHERE e.conversation_id = o.conversation_id AND e.seq < o.seq AND e.organization_id = $1
                AND e.status IN ('queued', 'sending', 'unknown')
                AND (e.deadline_at IS NOT NULL OR (e.status = 'queued' AND e.expires_at > now())
                     OR (e.status = 'unknown' AND e.settled_at IS NULL
                         AND now() - make_interval(secs => $10) < greatest(e.unknown_since, coalesce(
                             CASE WHEN NOT ($7 AND e.attempts < $9 AND e.expires_at > now()) THEN e.blocks_from END,
                             (SELECT session_started_at FROM line)))))
            OFFSET 0)
        AND (NOT $6 OR EXISTS (
            SELECT 1 FROM conversations c WHERE c.organization_id = o.organization_id
                AND c.id = o.conversation_id AND c.last_inbound_at > now() - interval '24 hours' OFFSET 0))
    ORDER BY o.next_attempt_at, o.conversation_id, o.seq
    LIMIT 16 FOR UPDATE OF o SKIP LOCKED
), again AS (
    SELECT o.organization_id, o.message_id, o.conversation_id, o.seq, o.next_attempt_at FROM outbound o
    WHERE o.organization_id = $1 AND o.line_id = $2 AND (SELECT takes FROM line)
        AND o.status = 'unknown' AND o.deadline_at IS NULL AND o.settled_at IS NULL
        AND $11 AND (o.resend_ordered_at IS NOT NULL
             OR ($7 AND o.attempts < $9 AND o.updated_at <= now() - make_interval(secs => $12)))
        AND o.next_attempt_at <= now() AND o.expires_at > now() AND o.recipient IS NOT NULL
        AND NOT EXISTS (
            SELECT 1 FROM outbound e
            WHERE e.conversation_id = o.conversation_id AND e.seq < o.seq AND e.organization_id = $1
                AND e.status IN ('queued', 'sending', 'unknown')
                AND (e.deadline_at IS NOT NULL OR (e.status = 'queued' AND e.expires_at > now())
                     OR (e.status = 'unknown' AND e.settled_at IS NULL
                         AND now() - make_interval(secs => $10) < greatest(e.unknown_since, coalesce(
                             CASE WHEN NOT ($7 AND e.attempts < $9 AND e.expires_at > now()) THEN e.blocks_from END,
                             (SELECT session_started_at FROM line)))))
            OFFSET 0)
        AND (NOT $6 OR EXISTS (
            SELECT 1 FROM conversations c WHERE c.organization_id = o.organization_id
                AND c.id = o.conversation_id AND c.last_inbound_at > now() - interval '24 hours' OFFSET 0))
    ORDER BY o.next_attempt_at, o.conversation_id, o.seq
    LIMIT 16 FOR UPDATE OF o SKIP LOCKED
), heads AS (
    SELECT organization_id, message_id, conversation_id, seq FROM (SELECT * FROM waiting UNION ALL SELECT * FROM again) h
    ORDER BY next_attempt_at, conversation_id, seq LIMIT $5
), begun AS (
    UPDATE outbound o
    SET status = CASE o.status WHEN 'queued' THEN 'sending' ELSE o.status END,
        attempts = o.attempts + 1, epoch = $4, attempt_started_at = now(), deadline_at = $8, updated_at = now()
    FROM heads h
    WHERE o.organization_id = h.organization_id AND o.message_id = h.message_id
        AND NOT EXISTS (SELECT 1 FROM heads x WHERE x.conversation_id = h.conversation_id AND x.seq < h.seq)
    RETURNING o.organization_id, o.message_id, o.conversation_id, o.line_id, o.provider_message_id, o.recipient, o.attempts
), told AS (
    INSERT INTO live_events (organization_id, id, type, line_id, conversation_id, message_id, previous_assignee_id)
    SELECT b.organization_id, gen_random_uuid(), 'message.updated', b.line_id, b.conversation_id, b.message_id,
        c.assignee_user_id FROM begun b JOIN conversations c ON c.organization_id = b.organization_id AND c.id = b.conversation_id
)
SELECT b.message_id AS "message_id?", b.conversation_id AS "conversation_id?",
    b.provider_message_id AS "provider_message_id?", b.recipient AS "recipient?", b.attempts AS "attempts?",
    m.body_text AS "body_text?", a.storage_key AS "storage_key?", a.content_type AS "content_type?",
    a.size_bytes AS "size_bytes?", a.sha256 AS "sha256?"
FROM line l
LEFT JOIN begun b ON b.organization_id = l.organization_id
LEFT JOIN messages m ON m.organization_id = b.organization_id AND m.id = b.message_id
LEFT JOIN attachments a ON a.organization_id = m.organization_id AND a.id = m.attachment_id
