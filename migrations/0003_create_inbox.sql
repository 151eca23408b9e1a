-- Contacts, conversations, messages, attachments, notes.

-- One person, known by a phone number, by a provider alias (lid), or by both.
CREATE TABLE contacts (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    id              uuid NOT NULL,
    phone_number    text CHECK (phone_number ~ '^\+[0-9]{8,15}$'),
    lid             text CHECK (length(lid) BETWEEN 1 AND 128),
    display_name    text CHECK (length(display_name) BETWEEN 1 AND 200),
    push_name       text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    erased_at       timestamptz,
    PRIMARY KEY (organization_id, id),
    UNIQUE (organization_id, phone_number),
    UNIQUE (organization_id, lid),
    CHECK (phone_number IS NOT NULL OR lid IS NOT NULL OR erased_at IS NOT NULL)
);

-- version moves on assignment changes and accepted replies only: a chatty customer must not fail a claim.
CREATE TABLE conversations (
    organization_id      uuid NOT NULL,
    id                   uuid NOT NULL,
    line_id              uuid NOT NULL,
    contact_id           uuid NOT NULL,
    assignee_user_id     uuid REFERENCES users (id),
    version              bigint NOT NULL DEFAULT 1 CHECK (version > 0),
    last_outbound_seq    bigint NOT NULL DEFAULT 0 CHECK (last_outbound_seq >= 0),
    last_message_at      timestamptz NOT NULL DEFAULT now(),
    last_message_preview text,
    last_inbound_at      timestamptz,
    unread_count         integer NOT NULL DEFAULT 0 CHECK (unread_count >= 0),
    created_at           timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, id),
    UNIQUE (organization_id, line_id, contact_id),
    FOREIGN KEY (organization_id, line_id) REFERENCES lines (organization_id, id),
    FOREIGN KEY (organization_id, contact_id) REFERENCES contacts (organization_id, id)
);
CREATE INDEX conversations_newest ON conversations (organization_id, last_message_at DESC, id DESC);
CREATE INDEX conversations_newest_of_line ON conversations (organization_id, line_id, last_message_at DESC, id DESC);
CREATE INDEX conversations_of_assignee ON conversations (organization_id, assignee_user_id, last_message_at DESC, id DESC);

CREATE TABLE attachments (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    id              uuid NOT NULL,
    content_type    text NOT NULL CHECK (content_type IN ('image/jpeg', 'image/png', 'image/webp')),
    size_bytes      bigint NOT NULL CHECK (size_bytes BETWEEN 1 AND 26214400),
    sha256          bytea NOT NULL CHECK (length(sha256) = 32),
    storage_key     text NOT NULL,
    created_by      uuid REFERENCES users (id),
    created_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, id),
    UNIQUE (organization_id, storage_key)
);

-- What was said. How an outbound message fares is in outbound; an inbound one is simply received.
CREATE TABLE messages (
    organization_id     uuid NOT NULL,
    id                  uuid NOT NULL,
    line_id             uuid NOT NULL,
    conversation_id     uuid NOT NULL,
    direction           text NOT NULL CHECK (direction IN ('inbound', 'outbound')),
    kind                text NOT NULL CHECK (kind IN ('text', 'image', 'unsupported')),
    unsupported_kind    text,
    body_text           text CHECK (length(body_text) <= 65536),
    attachment_id       uuid,
    provider_message_id text NOT NULL CHECK (length(provider_message_id) BETWEEN 1 AND 255),
    sent_by             uuid REFERENCES users (id),
    provider_at         timestamptz,
    created_at          timestamptz NOT NULL DEFAULT now(),
    edited_at           timestamptz,
    deleted_at          timestamptz,
    PRIMARY KEY (organization_id, id),
    -- An inbound message redelivered by the provider is the same row.
    UNIQUE (organization_id, line_id, conversation_id, direction, provider_message_id),
    FOREIGN KEY (organization_id, line_id) REFERENCES lines (organization_id, id),
    FOREIGN KEY (organization_id, conversation_id) REFERENCES conversations (organization_id, id),
    FOREIGN KEY (organization_id, attachment_id) REFERENCES attachments (organization_id, id),
    CHECK (direction = 'outbound' OR sent_by IS NULL),
    CHECK (kind <> 'text' OR body_text IS NOT NULL OR deleted_at IS NOT NULL),
    CHECK (kind <> 'image' OR attachment_id IS NOT NULL OR deleted_at IS NOT NULL),
    CHECK ((kind = 'unsupported') = (unsupported_kind IS NOT NULL))
);
CREATE INDEX messages_newest ON messages (organization_id, conversation_id, id DESC);
CREATE INDEX messages_by_provider_id ON messages (organization_id, line_id, provider_message_id);

CREATE TABLE notes (
    organization_id uuid NOT NULL,
    id              uuid NOT NULL,
    conversation_id uuid NOT NULL,
    author_user_id  uuid NOT NULL REFERENCES users (id),
    body_text       text NOT NULL CHECK (length(body_text) BETWEEN 1 AND 4096),
    created_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, conversation_id) REFERENCES conversations (organization_id, id)
);
CREATE INDEX notes_newest ON notes (organization_id, conversation_id, id DESC);
