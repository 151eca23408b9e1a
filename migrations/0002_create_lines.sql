-- Lines, the nodes that own them, their history, commands, tokens and permissions.

-- One row per incarnation of a process. The database's clock decides who is alive.
CREATE TABLE nodes (
    incarnation     uuid PRIMARY KEY,
    name            text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    version         text NOT NULL,
    started_at      timestamptz NOT NULL DEFAULT now(),
    heartbeat_at    timestamptz NOT NULL DEFAULT now(),
    heartbeat_until timestamptz NOT NULL,
    dead_at         timestamptz,
    CHECK (heartbeat_until >= heartbeat_at)
);
CREATE INDEX nodes_alive ON nodes (heartbeat_until) WHERE dead_at IS NULL;

-- state is the actor's own word; archived_at, stopped_at, billing and the owner's liveness lie over it. What a
-- client sees (status, lifecycleState, effectiveSendState) is derived from these and stored nowhere.
CREATE TABLE lines (
    organization_id   uuid NOT NULL REFERENCES organizations (id),
    id                uuid NOT NULL,
    display_name      text NOT NULL CHECK (length(display_name) BETWEEN 1 AND 200),
    phone_number      text CHECK (phone_number ~ '^\+[0-9]{8,15}$'),
    state             text NOT NULL DEFAULT 'created' CHECK (state IN (
                          'created', 'starting', 'waiting_permit', 'connecting', 'syncing', 'pairing', 'pairing_expired',
                          'connected', 'degraded', 'throttled', 'restricted', 'reconnecting', 'replaced', 'logged_out',
                          'locked', 'banned', 'failed')),
    state_detail      jsonb NOT NULL DEFAULT '{"state":"created"}',
    version           bigint NOT NULL DEFAULT 0 CHECK (version >= 0),
    since             timestamptz NOT NULL DEFAULT now(),
    epoch             bigint NOT NULL DEFAULT 0 CHECK (epoch >= 0),
    generation        bigint NOT NULL DEFAULT 0 CHECK (generation >= 0),
    owner_incarnation uuid REFERENCES nodes (incarnation),
    desired           text NOT NULL DEFAULT 'stopped' CHECK (desired IN ('running', 'stopped')),
    next_start_at     timestamptz NOT NULL DEFAULT now(),
    stopped_at        timestamptz,
    archived_at       timestamptz,
    session_started_at timestamptz,
    last_frame_at     timestamptz,
    last_ack_at       timestamptz,
    last_inbound_at   timestamptz,
    -- What a restart must not forget: back-off step, deaths counted toward quarantine, lock strikes.
    history           jsonb NOT NULL DEFAULT '{}',
    assignee_user_id  uuid REFERENCES users (id),
    created_by        uuid REFERENCES users (id),
    -- Creating a line twice with one key is one line; the key is the caller's, so it lives beside who created it.
    creation_key      text CHECK (length(creation_key) BETWEEN 1 AND 255),
    created_at        timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, id),
    UNIQUE (id),
    CHECK (state_detail ->> 'state' = state),
    CHECK (owner_incarnation IS NULL OR epoch > 0),
    CHECK (stopped_at IS NULL OR desired = 'stopped'),
    CHECK (archived_at IS NULL OR desired = 'stopped'),
    CHECK (desired = 'stopped' OR phone_number IS NOT NULL),
    CHECK (state NOT IN ('syncing', 'connected', 'degraded', 'throttled', 'restricted') OR phone_number IS NOT NULL)
);
CREATE UNIQUE INDEX lines_creation_key ON lines (organization_id, created_by, creation_key) WHERE creation_key IS NOT NULL;
-- A number lives on one line of an organization at a time.
CREATE UNIQUE INDEX lines_live_number ON lines (organization_id, phone_number) WHERE archived_at IS NULL;
CREATE INDEX lines_claimable ON lines (next_start_at)
    WHERE desired = 'running' AND archived_at IS NULL AND owner_incarnation IS NULL;
CREATE INDEX lines_by_owner ON lines (owner_incarnation) WHERE owner_incarnation IS NOT NULL;

-- What the provider needs to open a session again. It equals the account: sealed with a key that is not in the
-- database. namespace and key leave room for adapters that keep many records (WhatsApp's Signal store).
CREATE TABLE line_credentials (
    organization_id uuid NOT NULL,
    line_id         uuid NOT NULL,
    namespace       text NOT NULL,
    key             text NOT NULL,
    sealed          bytea NOT NULL,
    updated_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, line_id, namespace, key),
    FOREIGN KEY (organization_id, line_id) REFERENCES lines (organization_id, id)
);

-- Every transition, in order: folding them gives the row of lines. Append-only.
CREATE TABLE line_transitions (
    organization_id uuid NOT NULL,
    line_id         uuid NOT NULL,
    version         bigint NOT NULL CHECK (version > 0),
    from_state      text NOT NULL,
    to_state        text NOT NULL,
    event           text NOT NULL,
    reason          text,
    epoch           bigint NOT NULL,
    state_detail    jsonb NOT NULL,
    at              timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, line_id, version),
    FOREIGN KEY (organization_id, line_id) REFERENCES lines (organization_id, id)
);

-- A row is the command; a message to an actor is only its doorbell.
CREATE TABLE line_commands (
    organization_id uuid NOT NULL,
    id              uuid NOT NULL,
    line_id         uuid NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('pair', 'wakeup', 'stop')),
    state           text NOT NULL CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'expired')),
    reason          text,
    idempotency_key text CHECK (length(idempotency_key) BETWEEN 1 AND 255),
    requested_by    uuid REFERENCES users (id),
    data            jsonb NOT NULL DEFAULT '{}',
    created_at      timestamptz NOT NULL DEFAULT now(),
    expires_at      timestamptz NOT NULL,
    settled_at      timestamptz,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, line_id) REFERENCES lines (organization_id, id),
    CHECK ((state IN ('succeeded', 'failed', 'expired')) = (settled_at IS NOT NULL)),
    CHECK (state NOT IN ('failed', 'expired') OR reason IS NOT NULL),
    CHECK (expires_at > created_at)
);
-- A thousand pollers on a cold line make one wakeup.
CREATE UNIQUE INDEX line_commands_open ON line_commands (organization_id, line_id, kind) WHERE state IN ('queued', 'running');
CREATE UNIQUE INDEX line_commands_key ON line_commands (organization_id, line_id, kind, requested_by, idempotency_key) WHERE idempotency_key IS NOT NULL;
-- "When was the last wakeup asked for" and "the latest command of a kind".
CREATE INDEX line_commands_latest ON line_commands (organization_id, line_id, kind, created_at DESC);
CREATE INDEX line_commands_due ON line_commands (expires_at) WHERE state IN ('queued', 'running');

CREATE TABLE line_permissions (
    organization_id uuid NOT NULL,
    line_id         uuid NOT NULL,
    user_id         uuid NOT NULL,
    can_view        boolean NOT NULL,
    can_send        boolean NOT NULL,
    set_by          uuid REFERENCES users (id),
    set_at          timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, line_id, user_id),
    FOREIGN KEY (organization_id, line_id) REFERENCES lines (organization_id, id),
    FOREIGN KEY (organization_id, user_id) REFERENCES memberships (organization_id, user_id),
    CHECK (can_view OR NOT can_send)
);

-- The secret is shown once; only its SHA-256 is kept (it has 160 random bits, so a slow hash adds nothing).
CREATE TABLE api_tokens (
    organization_id uuid NOT NULL,
    id              uuid NOT NULL,
    line_id         uuid NOT NULL,
    token_hash      bytea NOT NULL CHECK (length(token_hash) = 32),
    preview         text NOT NULL,
    created_by      uuid NOT NULL REFERENCES users (id),
    created_at      timestamptz NOT NULL DEFAULT now(),
    revoked_at      timestamptz,
    last_used_at    timestamptz,
    last_channel_type text CHECK (last_channel_type IN ('web', 'mobile')),
    last_platform   text CHECK (length(last_platform) <= 128),
    PRIMARY KEY (organization_id, id),
    UNIQUE (token_hash),
    FOREIGN KEY (organization_id, line_id) REFERENCES lines (organization_id, id)
);
CREATE UNIQUE INDEX api_tokens_active ON api_tokens (organization_id, line_id) WHERE revoked_at IS NULL;
