-- Accounts that nobody wants (archived, or paired by mistake) and that the provider may still have. Each is written down
-- before it is tried to unlink it, and deleted once it is.
CREATE TABLE unlinkings (
    organization_id uuid NOT NULL,
    id              uuid NOT NULL,
    line_id         uuid NOT NULL,
    -- What opens the account, sealed like line_credentials.
    sealed          bytea NOT NULL,
    attempts        integer NOT NULL CHECK (attempts > 0),
    -- The next try; whoever takes it puts it off, so nobody else takes it meanwhile.
    due_at          timestamptz NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, line_id) REFERENCES lines (organization_id, id)
);
CREATE INDEX unlinkings_due ON unlinkings (due_at);
