-- Hints for the live stream. Written with the change they tell of (seq NULL), numbered per organization after the
-- commit by the sequencer: numbers then grow in the order in which readers can see them.
CREATE TABLE live_events (
    organization_id      uuid NOT NULL REFERENCES organizations (id),
    id                   uuid NOT NULL,
    seq                  bigint,
    type                 text NOT NULL CHECK (type IN ('line.updated', 'conversation.updated', 'message.updated',
                                                       'membership.updated', 'billing.updated')),
    line_id              uuid,
    conversation_id      uuid,
    message_id           uuid,
    user_id              uuid,
    -- Who could see the conversation before the change; now is looked up at delivery.
    previous_assignee_id uuid,
    at                   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, id),
    UNIQUE (organization_id, seq),
    CHECK (type <> 'line.updated' OR line_id IS NOT NULL),
    CHECK (type <> 'conversation.updated' OR (line_id IS NOT NULL AND conversation_id IS NOT NULL)),
    CHECK (type <> 'message.updated' OR (line_id IS NOT NULL AND conversation_id IS NOT NULL AND message_id IS NOT NULL))
);
CREATE INDEX live_events_unnumbered ON live_events (id) WHERE seq IS NULL;
CREATE INDEX live_events_age ON live_events (at);

CREATE TABLE live_sequences (
    organization_id uuid PRIMARY KEY REFERENCES organizations (id),
    last_seq        bigint NOT NULL DEFAULT 0 CHECK (last_seq >= 0),
    -- The lowest number still kept: a client that asks for less gets a gap event.
    first_kept_seq  bigint NOT NULL DEFAULT 1
);
