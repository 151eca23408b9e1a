-- Organizations, people, sign-in and billing. Everything a tenant owns carries organization_id first in its keys.

CREATE TABLE organizations (
    id                   uuid PRIMARY KEY,
    name                 text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    reply_expiry_seconds integer NOT NULL DEFAULT 3600 CHECK (reply_expiry_seconds BETWEEN 300 AND 86400),
    created_at           timestamptz NOT NULL DEFAULT now()
);

-- A person signs in once and belongs to one organization (memberships.user_id is unique).
CREATE TABLE users (
    id                uuid PRIMARY KEY,
    email             text NOT NULL CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254),
    display_name      text NOT NULL CHECK (length(display_name) BETWEEN 1 AND 200),
    email_verified_at timestamptz,
    created_at        timestamptz NOT NULL DEFAULT now(),
    UNIQUE (email)
);

CREATE TABLE memberships (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    user_id         uuid NOT NULL REFERENCES users (id),
    role            text NOT NULL CHECK (role IN ('owner', 'admin', 'agent')),
    status          text NOT NULL CHECK (status IN ('invited', 'active', 'disabled')),
    invited_at      timestamptz,
    joined_at       timestamptz,
    disabled_at     timestamptz,
    PRIMARY KEY (organization_id, user_id),
    UNIQUE (user_id),
    CHECK (status <> 'active' OR joined_at IS NOT NULL),
    CHECK ((status = 'disabled') = (disabled_at IS NOT NULL))
);

-- The local identity provider. Another provider (Cognito) leaves these empty.
CREATE TABLE local_credentials (
    user_id         uuid PRIMARY KEY REFERENCES users (id),
    password_hash   text NOT NULL,
    must_change     boolean NOT NULL DEFAULT false,
    updated_at      timestamptz NOT NULL DEFAULT now()
);

-- Wrong passwords by the SHA-256 of the address, also of one that nobody has: being locked must not tell that an
-- account exists.
CREATE TABLE login_failures (
    address_hash bytea PRIMARY KEY CHECK (length(address_hash) = 32),
    failures     integer NOT NULL CHECK (failures > 0),
    locked_until timestamptz,
    updated_at   timestamptz NOT NULL DEFAULT now()
);

-- One-time secrets: e-mail verification codes and sign-in challenges. Only hashes are kept.
CREATE TABLE one_time_codes (
    id          uuid PRIMARY KEY,
    user_id     uuid NOT NULL REFERENCES users (id),
    purpose     text NOT NULL CHECK (purpose IN ('verify_email', 'new_password')),
    code_hash   bytea NOT NULL CHECK (length(code_hash) = 32),
    attempts    integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    expires_at  timestamptz NOT NULL,
    consumed_at timestamptz,
    created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX one_time_codes_open ON one_time_codes (user_id, purpose) WHERE consumed_at IS NULL;

-- A refresh token is used once; using it again revokes its whole family, unless its answer may have been lost.
CREATE TABLE refresh_tokens (
    id           uuid PRIMARY KEY,
    family_id    uuid NOT NULL,
    user_id      uuid NOT NULL REFERENCES users (id),
    token_hash   bytea NOT NULL CHECK (length(token_hash) = 32),
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL,
    used_at      timestamptz,
    -- The one it was exchanged for.
    successor_id uuid,
    revoked_at   timestamptz,
    UNIQUE (token_hash)
);
CREATE INDEX refresh_tokens_family ON refresh_tokens (family_id);
CREATE INDEX refresh_tokens_user ON refresh_tokens (user_id);
CREATE INDEX refresh_tokens_expiry ON refresh_tokens (expires_at);

CREATE TABLE billing (
    organization_id    uuid PRIMARY KEY REFERENCES organizations (id),
    state              text NOT NULL CHECK (state IN ('pending', 'active', 'past_due', 'restricted', 'canceled')),
    line_slots         integer NOT NULL CHECK (line_slots BETWEEN 0 AND 100000),
    seats              integer NOT NULL CHECK (seats BETWEEN 1 AND 100000),
    current_period_end timestamptz,
    external_ref       text,
    updated_at         timestamptz NOT NULL DEFAULT now()
);

-- Append-only. seq and the hash chain are filled after the commit by the sequencer, so that a busy
-- organization's writes never queue behind one counter.
CREATE TABLE audit_log (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    id              uuid NOT NULL,
    seq             bigint,
    event_type      text NOT NULL,
    actor_user_id   uuid,
    target_type     text NOT NULL,
    target_id       text NOT NULL,
    at              timestamptz NOT NULL DEFAULT now(),
    data            jsonb NOT NULL DEFAULT '{}',
    previous_hash   bytea CHECK (length(previous_hash) = 32),
    hash            bytea CHECK (length(hash) = 32),
    PRIMARY KEY (organization_id, id),
    UNIQUE (organization_id, seq)
);
CREATE INDEX audit_log_by_type ON audit_log (organization_id, event_type, id DESC);
CREATE INDEX audit_log_unnumbered ON audit_log (id) WHERE seq IS NULL;
