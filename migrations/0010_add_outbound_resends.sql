-- A person may order that a reply of unknown fate is sent again, and a contact may be erased together with where its
-- replies were to go.

SET LOCAL lock_timeout = '2s';

-- When it was ordered; NULL again once the attempt that it led to is over, whatever came of it.
ALTER TABLE outbound ADD COLUMN resend_ordered_at timestamptz;
-- NULL when the contact was erased: nothing more is sent there.
ALTER TABLE outbound ALTER COLUMN recipient DROP NOT NULL;

-- Nodes look for these every second; there are few of them.
CREATE INDEX outbound_resends ON outbound (line_id) WHERE resend_ordered_at IS NOT NULL;
