-- What a node says of itself with each heartbeat. holds_lock: its heartbeat connection holds the advisory lock of its
-- incarnation, so that whoever gets that lock knows it dead at once; one of an earlier release holds none. takes_lines: it
-- counts when unowned lines are shared out; one that stops, or cannot open the accounts, does not.
ALTER TABLE nodes
    ADD COLUMN holds_lock  boolean NOT NULL DEFAULT false,
    ADD COLUMN takes_lines boolean NOT NULL DEFAULT true;

-- An order to move a line: its owner lets it go, and until then nobody else than that node takes it. No reference: a
-- node that is gone by then is forgotten, and the order runs out.
ALTER TABLE lines
    ADD COLUMN move_to    uuid,
    ADD COLUMN move_until timestamptz,
    ADD CHECK ((move_to IS NULL) = (move_until IS NULL));
