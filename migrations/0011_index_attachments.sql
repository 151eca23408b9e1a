-- Whose image it is, and whether any message still has it, is asked by the image.
SET LOCAL lock_timeout = '2s';

CREATE INDEX messages_of_attachment ON messages (organization_id, attachment_id) WHERE attachment_id IS NOT NULL;
