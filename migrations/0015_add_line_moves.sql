-- An order to move a line: its owner lets it go, and until then nobody else than that node takes it. No reference: a
-- node that is gone by then is forgotten, and the order runs out.
SET LOCAL lock_timeout = '2s';

ALTER TABLE lines
    ADD COLUMN move_to    uuid,
    ADD COLUMN move_until timestamptz,
    ADD CHECK ((move_to IS NULL) = (move_until IS NULL));
