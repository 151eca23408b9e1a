-- The durable queue of replies, what became of them, and the keys that make a retry the same reply.

-- One row per outbound message; status here is the message's status. seq orders a conversation.
CREATE TABLE outbound (
    organization_id     uuid NOT NULL,
    message_id          uuid NOT NULL,
    line_id             uuid NOT NULL,
    conversation_id     uuid NOT NULL,
    seq                 bigint NOT NULL CHECK (seq > 0),
    recipient           text NOT NULL,
    provider_message_id text NOT NULL,
    status              text NOT NULL CHECK (status IN (
                            'queued', 'sending', 'sent', 'delivered', 'read', 'failed', 'unknown', 'expired')),
    failure_reason      text,
    failure_code        integer,
    attempts            integer NOT NULL DEFAULT 0 CHECK (attempts BETWEEN 0 AND 100),
    epoch               bigint,
    attempt_started_at  timestamptz,
    deadline_at         timestamptz,
    next_attempt_at     timestamptz NOT NULL DEFAULT now(),
    unknown_since       timestamptz,
    expires_at          timestamptz,
    traceparent         text CHECK (length(traceparent) <= 64),
    accepted_at         timestamptz NOT NULL DEFAULT now(),
    settled_at          timestamptz,
    updated_at          timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, message_id),
    UNIQUE (organization_id, conversation_id, seq),
    UNIQUE (organization_id, line_id, provider_message_id),
    FOREIGN KEY (organization_id, message_id) REFERENCES messages (organization_id, id),
    FOREIGN KEY (organization_id, conversation_id) REFERENCES conversations (organization_id, id),
    CHECK (status <> 'queued' OR (deadline_at IS NULL AND settled_at IS NULL AND expires_at IS NOT NULL)),
    CHECK (status <> 'sending' OR (attempts > 0 AND epoch IS NOT NULL AND attempt_started_at IS NOT NULL
                                   AND deadline_at IS NOT NULL AND settled_at IS NULL)),
    CHECK (status <> 'unknown' OR (unknown_since IS NOT NULL AND attempts > 0)),
    CHECK (status NOT IN ('failed', 'expired') OR (failure_reason IS NOT NULL AND settled_at IS NOT NULL)),
    CHECK (status NOT IN ('sent', 'delivered', 'read') OR settled_at IS NOT NULL)
);
-- The claim's own order; finished rows never burden it.
CREATE INDEX outbound_claim ON outbound (line_id, next_attempt_at, conversation_id, seq) WHERE status = 'queued';
-- "No earlier message of the conversation is still open": the head rule.
CREATE INDEX outbound_open ON outbound (conversation_id, seq) WHERE status IN ('queued', 'sending', 'unknown');
CREATE INDEX outbound_in_flight ON outbound (line_id, deadline_at) WHERE status IN ('sending', 'unknown');
CREATE INDEX outbound_expiry ON outbound (expires_at) WHERE status = 'queued';

-- Facts from the provider, appended whoever brings them and merged into outbound by rank.
CREATE TABLE receipts (
    organization_id     uuid NOT NULL,
    id                  uuid NOT NULL,
    line_id             uuid NOT NULL,
    provider_message_id text NOT NULL,
    kind                text NOT NULL CHECK (kind IN ('accepted', 'rejected', 'delivered', 'read', 'failed')),
    code                integer,
    generation          bigint NOT NULL,
    at                  timestamptz NOT NULL,
    received_at         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, line_id) REFERENCES lines (organization_id, id)
);
CREATE UNIQUE INDEX receipts_once ON receipts (organization_id, line_id, provider_message_id, kind, generation);

CREATE TABLE idempotency (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    user_id         uuid NOT NULL REFERENCES users (id),
    endpoint        text NOT NULL CHECK (endpoint IN ('send')),
    line_id         uuid NOT NULL,
    key             text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    fingerprint     bytea NOT NULL CHECK (length(fingerprint) = 32),
    message_id      uuid NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, user_id, endpoint, line_id, key),
    FOREIGN KEY (organization_id, message_id) REFERENCES messages (organization_id, id)
);
CREATE INDEX idempotency_age ON idempotency (created_at);

-- Sends to numbers that never wrote to the line, counted per line and hour: no cold lists.
CREATE TABLE new_contact_sends (
    organization_id uuid NOT NULL,
    line_id         uuid NOT NULL,
    contact_id      uuid NOT NULL,
    at              timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, line_id, contact_id, at),
    FOREIGN KEY (organization_id, line_id) REFERENCES lines (organization_id, id),
    FOREIGN KEY (organization_id, contact_id) REFERENCES contacts (organization_id, id)
);
CREATE INDEX new_contact_sends_recent ON new_contact_sends (organization_id, line_id, at);
