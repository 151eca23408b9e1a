-- The breaker of the fleet: a row while the provider refuses a client version. Lines of that version do not ask again;
-- a node of another version has no row here and connects.
CREATE TABLE client_breakers (
    provider       text NOT NULL CHECK (length(provider) BETWEEN 1 AND 64),
    client_version text NOT NULL CHECK (length(client_version) BETWEEN 1 AND 64),
    tripped_at     timestamptz NOT NULL DEFAULT now(),
    -- The line that was refused first, for operators.
    line_id        uuid NOT NULL,
    -- When an operator's wakeup last tried whether it is still so.
    probed_at      timestamptz,
    PRIMARY KEY (provider, client_version)
);

-- Lines to take again once their node's version is accepted.
CREATE INDEX lines_outdated ON lines (id)
    WHERE state = 'failed' AND state_detail ->> 'reason' = 'client_outdated'
        AND owner_incarnation IS NULL AND archived_at IS NULL AND stopped_at IS NULL;
