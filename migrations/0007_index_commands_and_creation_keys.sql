-- Creating a line twice with one key is one line; the key is the caller's, so it lives beside who created it.
ALTER TABLE lines ADD COLUMN creation_key text CHECK (length(creation_key) BETWEEN 1 AND 255);
CREATE UNIQUE INDEX lines_creation_key ON lines (organization_id, created_by, creation_key) WHERE creation_key IS NOT NULL;

-- "When was the last wakeup asked for" and "the latest command of a kind".
CREATE INDEX line_commands_latest ON line_commands (organization_id, line_id, kind, created_at DESC);
