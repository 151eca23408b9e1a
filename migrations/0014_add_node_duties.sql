-- What a node says of itself with each heartbeat. holds_lock: its heartbeat connection holds the advisory lock of its
-- incarnation, so that whoever gets that lock knows it dead at once; one of an earlier release holds none. takes_lines: it
-- counts when unowned lines are shared out; one that stops, or cannot open the accounts, does not.
SET LOCAL lock_timeout = '2s';

ALTER TABLE nodes
    ADD COLUMN holds_lock  boolean NOT NULL DEFAULT false,
    ADD COLUMN takes_lines boolean NOT NULL DEFAULT true;
