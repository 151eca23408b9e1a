-- The database of release dae449387ed2d2f2048d3245d612aae0a93a34c3, killed at work. Made by `make keep-release`: never edited.
SELECT pg_catalog.set_config('search_path', '', false);
CREATE TABLE public._sqlx_migrations (
    version bigint NOT NULL,
    description text NOT NULL,
    installed_on timestamp with time zone DEFAULT now() NOT NULL,
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
);
CREATE TABLE public.api_tokens (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    line_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    preview text NOT NULL,
    created_by uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    revoked_at timestamp with time zone,
    last_used_at timestamp with time zone,
    last_channel_type text,
    last_platform text,
    CONSTRAINT api_tokens_last_channel_type_check CHECK ((last_channel_type = ANY (ARRAY['web'::text, 'mobile'::text]))),
    CONSTRAINT api_tokens_last_platform_check CHECK ((length(last_platform) <= 128)),
    CONSTRAINT api_tokens_token_hash_check CHECK ((length(token_hash) = 32))
);
CREATE TABLE public.attachments (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    content_type text NOT NULL,
    size_bytes bigint NOT NULL,
    sha256 bytea NOT NULL,
    storage_key text NOT NULL,
    created_by uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT attachments_content_type_check CHECK ((content_type = ANY (ARRAY['image/jpeg'::text, 'image/png'::text, 'image/webp'::text]))),
    CONSTRAINT attachments_sha256_check CHECK ((length(sha256) = 32)),
    CONSTRAINT attachments_size_bytes_check CHECK (((size_bytes >= 1) AND (size_bytes <= 26214400)))
);
CREATE TABLE public.audit_log (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    seq bigint,
    event_type text NOT NULL,
    actor_user_id uuid,
    target_type text NOT NULL,
    target_id text NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    data jsonb DEFAULT '{}'::jsonb NOT NULL,
    previous_hash bytea,
    hash bytea,
    CONSTRAINT audit_log_hash_check CHECK ((length(hash) = 32)),
    CONSTRAINT audit_log_previous_hash_check CHECK ((length(previous_hash) = 32))
);
CREATE TABLE public.billing (
    organization_id uuid NOT NULL,
    state text NOT NULL,
    line_slots integer NOT NULL,
    seats integer NOT NULL,
    current_period_end timestamp with time zone,
    external_ref text,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT billing_line_slots_check CHECK (((line_slots >= 0) AND (line_slots <= 100000))),
    CONSTRAINT billing_seats_check CHECK (((seats >= 1) AND (seats <= 100000))),
    CONSTRAINT billing_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'active'::text, 'past_due'::text, 'restricted'::text, 'canceled'::text])))
);
CREATE TABLE public.client_breakers (
    provider text NOT NULL,
    client_version text NOT NULL,
    tripped_at timestamp with time zone DEFAULT now() NOT NULL,
    line_id uuid NOT NULL,
    probed_at timestamp with time zone,
    CONSTRAINT client_breakers_client_version_check CHECK (((length(client_version) >= 1) AND (length(client_version) <= 64))),
    CONSTRAINT client_breakers_provider_check CHECK (((length(provider) >= 1) AND (length(provider) <= 64)))
);
CREATE TABLE public.contacts (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    phone_number text,
    lid text,
    display_name text,
    push_name text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    erased_at timestamp with time zone,
    CONSTRAINT contacts_check CHECK (((phone_number IS NOT NULL) OR (lid IS NOT NULL) OR (erased_at IS NOT NULL))),
    CONSTRAINT contacts_display_name_check CHECK (((length(display_name) >= 1) AND (length(display_name) <= 200))),
    CONSTRAINT contacts_lid_check CHECK (((length(lid) >= 1) AND (length(lid) <= 128))),
    CONSTRAINT contacts_phone_number_check CHECK ((phone_number ~ '^\+[0-9]{8,15}$'::text))
);
CREATE TABLE public.conversations (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    line_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    assignee_user_id uuid,
    version bigint DEFAULT 1 NOT NULL,
    last_outbound_seq bigint DEFAULT 0 NOT NULL,
    last_message_at timestamp with time zone DEFAULT now() NOT NULL,
    last_message_preview text,
    last_inbound_at timestamp with time zone,
    unread_count integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT conversations_last_outbound_seq_check CHECK ((last_outbound_seq >= 0)),
    CONSTRAINT conversations_unread_count_check CHECK ((unread_count >= 0)),
    CONSTRAINT conversations_version_check CHECK ((version > 0))
);
CREATE TABLE public.idempotency (
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    endpoint text NOT NULL,
    line_id uuid NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    message_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT idempotency_endpoint_check CHECK ((endpoint = 'send'::text)),
    CONSTRAINT idempotency_fingerprint_check CHECK ((length(fingerprint) = 32)),
    CONSTRAINT idempotency_key_check CHECK (((length(key) >= 1) AND (length(key) <= 255)))
);
CREATE TABLE public.line_commands (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    line_id uuid NOT NULL,
    kind text NOT NULL,
    state text NOT NULL,
    reason text,
    idempotency_key text,
    requested_by uuid,
    data jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    settled_at timestamp with time zone,
    CONSTRAINT line_commands_check CHECK (((state = ANY (ARRAY['succeeded'::text, 'failed'::text, 'expired'::text])) = (settled_at IS NOT NULL))),
    CONSTRAINT line_commands_check1 CHECK (((state <> ALL (ARRAY['failed'::text, 'expired'::text])) OR (reason IS NOT NULL))),
    CONSTRAINT line_commands_check2 CHECK ((expires_at > created_at)),
    CONSTRAINT line_commands_idempotency_key_check CHECK (((length(idempotency_key) >= 1) AND (length(idempotency_key) <= 255))),
    CONSTRAINT line_commands_kind_check CHECK ((kind = ANY (ARRAY['pair'::text, 'wakeup'::text, 'stop'::text]))),
    CONSTRAINT line_commands_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'succeeded'::text, 'failed'::text, 'expired'::text])))
);
CREATE TABLE public.line_credentials (
    organization_id uuid NOT NULL,
    line_id uuid NOT NULL,
    namespace text NOT NULL,
    key text NOT NULL,
    sealed bytea NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE public.line_permissions (
    organization_id uuid NOT NULL,
    line_id uuid NOT NULL,
    user_id uuid NOT NULL,
    can_view boolean NOT NULL,
    can_send boolean NOT NULL,
    set_by uuid,
    set_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT line_permissions_check CHECK ((can_view OR (NOT can_send)))
);
CREATE TABLE public.line_transitions (
    organization_id uuid NOT NULL,
    line_id uuid NOT NULL,
    version bigint NOT NULL,
    from_state text NOT NULL,
    to_state text NOT NULL,
    event text NOT NULL,
    reason text,
    epoch bigint NOT NULL,
    state_detail jsonb NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT line_transitions_version_check CHECK ((version > 0))
);
CREATE TABLE public.lines (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    display_name text NOT NULL,
    phone_number text,
    state text DEFAULT 'created'::text NOT NULL,
    state_detail jsonb DEFAULT '{"state": "created"}'::jsonb NOT NULL,
    version bigint DEFAULT 0 NOT NULL,
    since timestamp with time zone DEFAULT now() NOT NULL,
    epoch bigint DEFAULT 0 NOT NULL,
    generation bigint DEFAULT 0 NOT NULL,
    owner_incarnation uuid,
    desired text DEFAULT 'stopped'::text NOT NULL,
    next_start_at timestamp with time zone DEFAULT now() NOT NULL,
    stopped_at timestamp with time zone,
    archived_at timestamp with time zone,
    session_started_at timestamp with time zone,
    last_frame_at timestamp with time zone,
    last_ack_at timestamp with time zone,
    last_inbound_at timestamp with time zone,
    history jsonb DEFAULT '{}'::jsonb NOT NULL,
    assignee_user_id uuid,
    created_by uuid,
    creation_key text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT lines_check CHECK (((state_detail ->> 'state'::text) = state)),
    CONSTRAINT lines_check1 CHECK (((owner_incarnation IS NULL) OR (epoch > 0))),
    CONSTRAINT lines_check2 CHECK (((stopped_at IS NULL) OR (desired = 'stopped'::text))),
    CONSTRAINT lines_check3 CHECK (((archived_at IS NULL) OR (desired = 'stopped'::text))),
    CONSTRAINT lines_check4 CHECK (((desired = 'stopped'::text) OR (phone_number IS NOT NULL))),
    CONSTRAINT lines_check5 CHECK (((state <> ALL (ARRAY['syncing'::text, 'connected'::text, 'degraded'::text, 'throttled'::text, 'restricted'::text])) OR (phone_number IS NOT NULL))),
    CONSTRAINT lines_creation_key_check CHECK (((length(creation_key) >= 1) AND (length(creation_key) <= 255))),
    CONSTRAINT lines_desired_check CHECK ((desired = ANY (ARRAY['running'::text, 'stopped'::text]))),
    CONSTRAINT lines_display_name_check CHECK (((length(display_name) >= 1) AND (length(display_name) <= 200))),
    CONSTRAINT lines_epoch_check CHECK ((epoch >= 0)),
    CONSTRAINT lines_generation_check CHECK ((generation >= 0)),
    CONSTRAINT lines_phone_number_check CHECK ((phone_number ~ '^\+[0-9]{8,15}$'::text)),
    CONSTRAINT lines_state_check CHECK ((state = ANY (ARRAY['created'::text, 'starting'::text, 'waiting_permit'::text, 'connecting'::text, 'syncing'::text, 'pairing'::text, 'pairing_expired'::text, 'connected'::text, 'degraded'::text, 'throttled'::text, 'restricted'::text, 'reconnecting'::text, 'replaced'::text, 'logged_out'::text, 'locked'::text, 'banned'::text, 'failed'::text]))),
    CONSTRAINT lines_version_check CHECK ((version >= 0))
);
CREATE TABLE public.live_events (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    seq bigint,
    type text NOT NULL,
    line_id uuid,
    conversation_id uuid,
    message_id uuid,
    user_id uuid,
    previous_assignee_id uuid,
    at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT live_events_check CHECK (((type <> 'line.updated'::text) OR (line_id IS NOT NULL))),
    CONSTRAINT live_events_check1 CHECK (((type <> 'conversation.updated'::text) OR ((line_id IS NOT NULL) AND (conversation_id IS NOT NULL)))),
    CONSTRAINT live_events_check2 CHECK (((type <> 'message.updated'::text) OR ((line_id IS NOT NULL) AND (conversation_id IS NOT NULL) AND (message_id IS NOT NULL)))),
    CONSTRAINT live_events_type_check CHECK ((type = ANY (ARRAY['line.updated'::text, 'conversation.updated'::text, 'message.updated'::text, 'membership.updated'::text, 'billing.updated'::text])))
);
CREATE TABLE public.live_sequences (
    organization_id uuid NOT NULL,
    last_seq bigint DEFAULT 0 NOT NULL,
    first_kept_seq bigint DEFAULT 1 NOT NULL,
    CONSTRAINT live_sequences_last_seq_check CHECK ((last_seq >= 0))
);
CREATE TABLE public.local_credentials (
    user_id uuid NOT NULL,
    password_hash text NOT NULL,
    must_change boolean DEFAULT false NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE public.login_failures (
    address_hash bytea NOT NULL,
    failures integer NOT NULL,
    locked_until timestamp with time zone,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT login_failures_address_hash_check CHECK ((length(address_hash) = 32)),
    CONSTRAINT login_failures_failures_check CHECK ((failures > 0))
);
CREATE TABLE public.memberships (
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    role text NOT NULL,
    status text NOT NULL,
    invited_at timestamp with time zone,
    joined_at timestamp with time zone,
    disabled_at timestamp with time zone,
    CONSTRAINT memberships_check CHECK (((status <> 'active'::text) OR (joined_at IS NOT NULL))),
    CONSTRAINT memberships_check1 CHECK (((status = 'disabled'::text) = (disabled_at IS NOT NULL))),
    CONSTRAINT memberships_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text, 'agent'::text]))),
    CONSTRAINT memberships_status_check CHECK ((status = ANY (ARRAY['invited'::text, 'active'::text, 'disabled'::text])))
);
CREATE TABLE public.messages (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    line_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    direction text NOT NULL,
    kind text NOT NULL,
    unsupported_kind text,
    body_text text,
    attachment_id uuid,
    provider_message_id text NOT NULL,
    sent_by uuid,
    provider_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    edited_at timestamp with time zone,
    deleted_at timestamp with time zone,
    CONSTRAINT messages_body_text_check CHECK ((length(body_text) <= 65536)),
    CONSTRAINT messages_check CHECK (((direction = 'outbound'::text) OR (sent_by IS NULL))),
    CONSTRAINT messages_check1 CHECK (((kind <> 'text'::text) OR (body_text IS NOT NULL) OR (deleted_at IS NOT NULL))),
    CONSTRAINT messages_check2 CHECK (((kind <> 'image'::text) OR (attachment_id IS NOT NULL) OR (deleted_at IS NOT NULL))),
    CONSTRAINT messages_check3 CHECK (((kind = 'unsupported'::text) = (unsupported_kind IS NOT NULL))),
    CONSTRAINT messages_direction_check CHECK ((direction = ANY (ARRAY['inbound'::text, 'outbound'::text]))),
    CONSTRAINT messages_kind_check CHECK ((kind = ANY (ARRAY['text'::text, 'image'::text, 'unsupported'::text]))),
    CONSTRAINT messages_provider_message_id_check CHECK (((length(provider_message_id) >= 1) AND (length(provider_message_id) <= 255)))
);
CREATE TABLE public.new_contact_sends (
    organization_id uuid NOT NULL,
    line_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL
);
CREATE TABLE public.nodes (
    incarnation uuid NOT NULL,
    name text NOT NULL,
    version text NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    heartbeat_at timestamp with time zone DEFAULT now() NOT NULL,
    heartbeat_until timestamp with time zone NOT NULL,
    dead_at timestamp with time zone,
    CONSTRAINT nodes_check CHECK ((heartbeat_until >= heartbeat_at)),
    CONSTRAINT nodes_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200)))
);
CREATE TABLE public.notes (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    author_user_id uuid NOT NULL,
    body_text text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT notes_body_text_check CHECK (((length(body_text) >= 1) AND (length(body_text) <= 4096)))
);
CREATE TABLE public.one_time_codes (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    purpose text NOT NULL,
    code_hash bytea NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    consumed_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT one_time_codes_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT one_time_codes_code_hash_check CHECK ((length(code_hash) = 32)),
    CONSTRAINT one_time_codes_purpose_check CHECK ((purpose = ANY (ARRAY['verify_email'::text, 'new_password'::text])))
);
CREATE TABLE public.organizations (
    id uuid NOT NULL,
    name text NOT NULL,
    reply_expiry_seconds integer DEFAULT 3600 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT organizations_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT organizations_reply_expiry_seconds_check CHECK (((reply_expiry_seconds >= 300) AND (reply_expiry_seconds <= 86400)))
);
CREATE TABLE public.outbound (
    organization_id uuid NOT NULL,
    message_id uuid NOT NULL,
    line_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    seq bigint NOT NULL,
    recipient text,
    provider_message_id text NOT NULL,
    status text NOT NULL,
    failure_reason text,
    failure_code integer,
    attempts integer DEFAULT 0 NOT NULL,
    epoch bigint,
    attempt_started_at timestamp with time zone,
    deadline_at timestamp with time zone,
    next_attempt_at timestamp with time zone DEFAULT now() NOT NULL,
    unknown_since timestamp with time zone,
    expires_at timestamp with time zone,
    traceparent text,
    accepted_at timestamp with time zone DEFAULT now() NOT NULL,
    settled_at timestamp with time zone,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    resend_ordered_at timestamp with time zone,
    blocks_from timestamp with time zone,
    CONSTRAINT outbound_attempts_check CHECK (((attempts >= 0) AND (attempts <= 100))),
    CONSTRAINT outbound_check CHECK (((status <> 'queued'::text) OR ((deadline_at IS NULL) AND (settled_at IS NULL) AND (expires_at IS NOT NULL)))),
    CONSTRAINT outbound_check1 CHECK (((status <> 'sending'::text) OR ((attempts > 0) AND (epoch IS NOT NULL) AND (attempt_started_at IS NOT NULL) AND (deadline_at IS NOT NULL) AND (settled_at IS NULL)))),
    CONSTRAINT outbound_check2 CHECK (((status <> 'unknown'::text) OR ((unknown_since IS NOT NULL) AND (attempts > 0)))),
    CONSTRAINT outbound_check3 CHECK (((status <> ALL (ARRAY['failed'::text, 'expired'::text])) OR ((failure_reason IS NOT NULL) AND (settled_at IS NOT NULL)))),
    CONSTRAINT outbound_check4 CHECK (((status <> ALL (ARRAY['sent'::text, 'delivered'::text, 'read'::text])) OR (settled_at IS NOT NULL))),
    CONSTRAINT outbound_seq_check CHECK ((seq > 0)),
    CONSTRAINT outbound_status_check CHECK ((status = ANY (ARRAY['queued'::text, 'sending'::text, 'sent'::text, 'delivered'::text, 'read'::text, 'failed'::text, 'unknown'::text, 'expired'::text]))),
    CONSTRAINT outbound_traceparent_check CHECK ((length(traceparent) <= 64))
);
CREATE TABLE public.receipts (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    line_id uuid NOT NULL,
    provider_message_id text NOT NULL,
    kind text NOT NULL,
    code integer,
    generation bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT receipts_kind_check CHECK ((kind = ANY (ARRAY['accepted'::text, 'rejected'::text, 'delivered'::text, 'read'::text, 'failed'::text])))
);
CREATE TABLE public.refresh_tokens (
    id uuid NOT NULL,
    family_id uuid NOT NULL,
    user_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    successor_id uuid,
    revoked_at timestamp with time zone,
    CONSTRAINT refresh_tokens_token_hash_check CHECK ((length(token_hash) = 32))
);
CREATE TABLE public.unlinkings (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    line_id uuid NOT NULL,
    sealed bytea NOT NULL,
    attempts integer NOT NULL,
    due_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT unlinkings_attempts_check CHECK ((attempts > 0))
);
CREATE TABLE public.users (
    id uuid NOT NULL,
    email text NOT NULL,
    display_name text NOT NULL,
    email_verified_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT users_display_name_check CHECK (((length(display_name) >= 1) AND (length(display_name) <= 200))),
    CONSTRAINT users_email_check CHECK (((email = lower(email)) AND ((length(email) >= 3) AND (length(email) <= 254))))
);
INSERT INTO public._sqlx_migrations VALUES (1, 'create tenancy', '2026-11-23 06:19:38.642272+00', true, '\x55be6120c1957d234754509d81ad01008b4b72b93ef14fd8f3a304286bd3c4658e9e10123832730ca93aae2fc4049f1a', 87880984);
INSERT INTO public._sqlx_migrations VALUES (2, 'create lines', '2026-11-23 06:19:38.730419+00', true, '\x542608b4d8bd423ff38278aeac5734312e364abbdf3c9465e6475a1c01d59ed215f4492765c79e2af136a11c86a792e7', 83295402);
INSERT INTO public._sqlx_migrations VALUES (3, 'create inbox', '2026-11-23 06:19:38.81426+00', true, '\x5b3d79205ce1137a8f3b318df2b7a062576063e1cc0b841953af7bb279376c845ae7209e07b9bee5111a21ae03ed4df8', 60465951);
INSERT INTO public._sqlx_migrations VALUES (4, 'create outbound', '2026-11-23 06:19:38.876017+00', true, '\x84e9ce01f0e7a64eb278b3c3db77f2a70db5de46b6aef8f466c099fd31e33701f547d11671c1eae9282c03c514119d74', 43253545);
INSERT INTO public._sqlx_migrations VALUES (5, 'create live events', '2026-11-23 06:19:38.919705+00', true, '\x4845d693987d20ce7f07cdeb57064b68051b9a3578a3d3ae61488d05e678eae5d548d39ea2ed248c6621f588b76c2405', 17725599);
INSERT INTO public._sqlx_migrations VALUES (6, 'create client breakers', '2026-11-23 06:19:38.937815+00', true, '\x2406b643811f3f321b710e9c6e8250e85767d2aaf3142eb8a743c434af3371175fb477816a3d838145f41ed60e201bc8', 11673646);
INSERT INTO public._sqlx_migrations VALUES (7, 'index archived lines', '2026-11-23 06:19:38.949875+00', true, '\x54de5c1df1208f4da23e024f0ced8b7f6eea649481bf60fee4d5d77a6900de0a3cad45312d983a6f6dfe47c9af273ee0', 4924896);
INSERT INTO public._sqlx_migrations VALUES (8, 'index sweeps', '2026-11-23 06:19:38.955041+00', true, '\xd57d9a04f8b92d9d066c204fc35c6470fe66c29ee236239d4089a4be45883ec5408864c0cfee2f050de770b11b6a9a4e', 5637566);
INSERT INTO public._sqlx_migrations VALUES (9, 'create unlinkings', '2026-11-23 06:19:38.961207+00', true, '\xe9d53f992e3304c797e40328d4cd743ffba567a55f7c0797de536ce909ace8ef4d6a7c6203ff37ce02fbc0e9415ee038', 23309205);
INSERT INTO public._sqlx_migrations VALUES (10, 'add outbound resends', '2026-11-23 06:19:38.985434+00', true, '\x4902d25f52fd12884fa90946b1820444f854b8418c68cac5ca4b4fd5ede24be3a277b70ac7e9b254b9b04adcc35dbb65', 2801698);
INSERT INTO public._sqlx_migrations VALUES (11, 'index attachments', '2026-11-23 06:19:38.988688+00', true, '\xf0801d3bd952f2e67073cb1ef2b07124878a46bc0e6eababdbc63e002c79af68024412154b7ddece57c7578b13233ef6', 3939310);
INSERT INTO public._sqlx_migrations VALUES (12, 'index attempts', '2026-11-23 06:19:38.993206+00', true, '\x7523c561aef2f8b1b280b4f9e65a132c3d9412fdb536e07fe627db627f963d7adfd1ea4edcf4705270ac71c8fed775fd', 7455942);
INSERT INTO public._sqlx_migrations VALUES (13, 'add outbound blocks', '2026-11-23 06:19:39.001041+00', true, '\xf59c60aa53cf3c7b1824dc82931cfa3db0f6bd75dcc075184839d0646d00f1e726183fd48aee2ad6bba328d87403061f', 4667093);
INSERT INTO public.api_tokens VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6fa5-7889-8bf2-1a428bebdf5f', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', '\x3b3ebca88c1026d89db566ca964c006bf376fcd8faf7aad0539788605a1ebbd9', 'ezw_line_…uiPt', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', '2026-11-23 06:19:41.861272+00', '2026-11-23 06:19:42.328213+00', NULL, NULL, NULL);
INSERT INTO public.api_tokens VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7178-7bf2-9ad2-e63c960a69dc', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', '\x77cc152544be56e3d414c79269f34bf8f40257a767e9a43543c3548e670674fc', 'ezw_line_…Oblg', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', '2026-11-23 06:19:42.328213+00', NULL, NULL, NULL, NULL);
INSERT INTO public.api_tokens VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7182-7fd0-95ff-85ebd2fe54b1', '01a2070f-6fb3-72c9-98ce-b00b69981cda', '\xffd7b8649149d533f299eae9ea4eaf4a68b7870ece069905020583296d9c4363', 'ezw_line_…IsCW', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', '2026-11-23 06:19:42.338793+00', NULL, NULL, NULL, NULL);
INSERT INTO public.api_tokens VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-718f-79fb-b431-fac2c9032b1b', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', '\xaba5550f6ee27f0c1c5226cfb5335a44e8ffb1cb2a1df991fc1972d632ac779a', 'ezw_line_…tDUk', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', '2026-11-23 06:19:42.351777+00', NULL, NULL, NULL, NULL);
INSERT INTO public.api_tokens VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7198-7d55-9a74-250022313f20', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '\x2555af56dd216990b67b8682f7bbb5d4aebf0de21fee010b5c33ab91af819064', 'ezw_line_…dHlm', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', '2026-11-23 06:19:42.360501+00', NULL, NULL, NULL, NULL);
INSERT INTO public.attachments VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6d0f-71c1-85d2-811f6206a414', 'image/png', 69, '\xc552ed2a3600685d920ac9b482d81f7f1b341162fce71f50ab6021ca53798abe', '01a2070f-66a7-7efa-a9e4-78512cb64526/01a2070f-6d05-72c3-b220-fddcbd17e9a3', NULL, '2026-11-23 06:19:41.198444+00');
INSERT INTO public.attachments VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6e6e-75a1-998f-fb0aa13aa1f2', 'image/png', 69, '\xc552ed2a3600685d920ac9b482d81f7f1b341162fce71f50ab6021ca53798abe', '01a2070f-66a7-7efa-a9e4-78512cb64526/01a2070f-6e64-723f-aaed-d7d7560a892f', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', '2026-11-23 06:19:41.551042+00');
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-66e5-7690-96ce-11db117528ac', NULL, 'organization.created', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'organization', '01a2070f-66a7-7efa-a9e4-78512cb64526', '2026-11-23 06:19:39.612782+00', '{"lineSlots": 10}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6802-731a-92ac-4cff0ec4fe6c', NULL, 'line.created', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', '2026-11-23 06:19:39.898947+00', '{"displayName": "Support"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-680d-717a-ade9-1a46b092a3a6', NULL, 'line.pairing_requested', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', '2026-11-23 06:19:39.898947+00', '{"method": "qr", "commandId": "01a2070f-680b-7226-a281-c48f58928db3"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6d4b-74e3-8df7-a3b5f89d6698', NULL, 'reply.accepted', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'message', '01a2070f-6d4b-74e3-8df7-a3b4e1dcc730', '2026-11-23 06:19:41.254019+00', '{"lineId": "01a2070f-67ff-718e-b3a0-bc461d8a27eb", "conversationId": "01a2070f-6cd8-7095-80bf-b760e7f40c8b"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6e4d-72fd-88e4-2d15786b5b5d', NULL, 'reply.accepted', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'message', '01a2070f-6e4d-72fd-88e4-2d146829ad01', '2026-11-23 06:19:41.492843+00', '{"lineId": "01a2070f-67ff-718e-b3a0-bc461d8a27eb", "conversationId": "01a2070f-6e40-703a-91ec-1452630fe525"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6e74-73bf-9b72-bdec899f47f3', NULL, 'reply.accepted', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'message', '01a2070f-6e74-73bf-9b72-bdebacc024bc', '2026-11-23 06:19:41.551042+00', '{"lineId": "01a2070f-67ff-718e-b3a0-bc461d8a27eb", "conversationId": "01a2070f-6cd8-7095-80bf-b760e7f40c8b"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6ef8-75dc-8318-54098812936b', NULL, 'reply.accepted', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'message', '01a2070f-6ef8-75dc-8318-5408ced292f4', '2026-11-23 06:19:41.685297+00', '{"lineId": "01a2070f-67ff-718e-b3a0-bc461d8a27eb", "conversationId": "01a2070f-6ce3-76f3-9e3f-0a9d6585999f"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6f8c-7234-a20c-d377f8c8c0fb', NULL, 'contact.erased', NULL, 'contact', '01a2070f-6cf0-76d6-87b3-c3e753ac8202', '2026-11-23 06:19:41.818266+00', '{"notes": 0, "messages": 1, "attachments": 0, "failedReplies": 0}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6fa8-769b-92f0-9b383398aa4e', NULL, 'line.api_token_rotated', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', '2026-11-23 06:19:41.861813+00', '{"tokenId": "01a2070f-6fa5-7889-8bf2-1a428bebdf5f"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6fb4-7727-9b4c-138dceadeb96', NULL, 'line.created', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-6fb3-72c9-98ce-b00b69981cda', '2026-11-23 06:19:41.872782+00', '{"displayName": "Support"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6fb7-71d8-8126-eba871d3a19c', NULL, 'line.pairing_requested', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-6fb3-72c9-98ce-b00b69981cda', '2026-11-23 06:19:41.872782+00', '{"method": "qr", "commandId": "01a2070f-6fb7-71d8-8126-eba7d72d7e40"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6fbd-770c-8ed0-5ab6bf8b2fe8', NULL, 'line.created', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', '2026-11-23 06:19:41.873793+00', '{"displayName": "Support"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6fd3-7777-a40f-c8f95a5ad925', NULL, 'line.pairing_requested', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', '2026-11-23 06:19:41.873793+00', '{"method": "qr", "commandId": "01a2070f-6fcb-70ce-addd-08f1a7f31702"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7003-717e-a0fd-8834d3f799da', NULL, 'line.created', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '2026-11-23 06:19:41.875463+00', '{"displayName": "Support"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-702e-7370-822c-80060cfcd0e6', NULL, 'line.pairing_requested', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '2026-11-23 06:19:41.875463+00', '{"method": "qr", "commandId": "01a2070f-7022-73e2-80c6-f34291ed9a6b"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-717a-7118-aafb-9a2287e72be4', NULL, 'line.api_token_rotated', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', '2026-11-23 06:19:42.32844+00', '{"tokenId": "01a2070f-7178-7bf2-9ad2-e63c960a69dc"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7184-734c-b77a-ac933f758b69', NULL, 'line.api_token_rotated', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-6fb3-72c9-98ce-b00b69981cda', '2026-11-23 06:19:42.339036+00', '{"tokenId": "01a2070f-7182-7fd0-95ff-85ebd2fe54b1"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7191-71c3-8744-b276a0ca755f', NULL, 'line.api_token_rotated', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', '2026-11-23 06:19:42.352065+00', '{"tokenId": "01a2070f-718f-79fb-b431-fac2c9032b1b"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-719a-740f-98cc-456a69f1ff44', NULL, 'line.api_token_rotated', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '2026-11-23 06:19:42.360819+00', '{"tokenId": "01a2070f-7198-7d55-9a74-250022313f20"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71ac-70cb-9c1b-e6436851ca46', NULL, 'line.created', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-71ac-70cb-9c1b-e64212e2307f', '2026-11-23 06:19:42.379568+00', '{"displayName": "Support"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71b0-7745-aa8e-0a276b9cb903', NULL, 'line.pairing_requested', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-71ac-70cb-9c1b-e64212e2307f', '2026-11-23 06:19:42.379568+00', '{"method": "qr", "commandId": "01a2070f-71b0-7745-aa8e-0a26503b88f5"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71b8-775e-a22d-856375d3f933', NULL, 'line.created', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-71b6-752f-9366-18d4a1b6d27b', '2026-11-23 06:19:42.379543+00', '{"displayName": "Support"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71c9-7444-aaf6-cecbd7859271', NULL, 'line.pairing_requested', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-71b6-752f-9366-18d4a1b6d27b', '2026-11-23 06:19:42.379543+00', '{"method": "qr", "commandId": "01a2070f-71c6-73dd-aac8-b483e1d5856e"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71e2-779f-beab-da27e754dfd3', NULL, 'line.created', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-71dd-70f7-a9fd-fd598837c62d', '2026-11-23 06:19:42.379585+00', '{"displayName": "Support"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71f1-7208-ad2f-c2f9fcdea905', NULL, 'line.pairing_requested', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-71dd-70f7-a9fd-fd598837c62d', '2026-11-23 06:19:42.379585+00', '{"method": "qr", "commandId": "01a2070f-71ee-722c-b72c-b78c6001db4f"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-721c-73ec-98d3-4cb14f07c02f', NULL, 'line.created', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-7214-7350-8219-9f3cfb408b39', '2026-11-23 06:19:42.379602+00', '{"displayName": "Support"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7252-703e-8f99-30bf2d4ae6e3', NULL, 'line.pairing_requested', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-7214-7350-8219-9f3cfb408b39', '2026-11-23 06:19:42.379602+00', '{"method": "qr", "commandId": "01a2070f-723c-76a4-afff-ffb53f11defd"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7349-7745-929e-d151d2afeb31', NULL, 'line.created', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-7344-7321-b70d-d8c3a58817a8', '2026-11-23 06:19:42.756697+00', '{"displayName": "Support"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7378-76fa-a3ab-ae4de8151664', NULL, 'line.pairing_requested', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-7344-7321-b70d-d8c3a58817a8', '2026-11-23 06:19:42.756697+00', '{"method": "qr", "commandId": "01a2070f-7377-771e-96c1-20a8a920ff13"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-73e5-7678-8e06-34c6f61e3461', NULL, 'line.created', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-73c0-728d-b4a8-aa1fc11c814f', '2026-11-23 06:19:42.883892+00', '{"displayName": "Support"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7405-74f2-945f-24f197f5c22f', NULL, 'line.pairing_requested', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-73c0-728d-b4a8-aa1fc11c814f', '2026-11-23 06:19:42.883892+00', '{"method": "qr", "commandId": "01a2070f-7404-76a5-92ce-785c54eb98c9"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7424-70fc-b55a-2f26be0964eb', NULL, 'line.created', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-7420-76df-8c8f-477994695aa1', '2026-11-23 06:19:42.983318+00', '{"displayName": "Support"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7439-7133-bf48-674796e2fd97', NULL, 'line.pairing_requested', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-7420-76df-8c8f-477994695aa1', '2026-11-23 06:19:42.983318+00', '{"method": "qr", "commandId": "01a2070f-742f-73d1-8fc8-bdf5c9ff1625"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7459-72a1-af03-332f26ec91fa', NULL, 'line.created', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-7451-709f-91f8-59fe101f7c92', '2026-11-23 06:19:42.982348+00', '{"displayName": "Support"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7493-760a-92e7-1d3c39742c72', NULL, 'line.pairing_requested', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-7451-709f-91f8-59fe101f7c92', '2026-11-23 06:19:42.982348+00', '{"method": "qr", "commandId": "01a2070f-748f-7564-8205-f0399d75ce31"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74bf-752b-8fb7-f11db288a424', NULL, 'line.created', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-74b3-764c-8234-52282dd605c9', '2026-11-23 06:19:42.991585+00', '{"displayName": "Support"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74e4-7621-974c-12b035dfda46', NULL, 'line.pairing_requested', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-74b3-764c-8234-52282dd605c9', '2026-11-23 06:19:42.991585+00', '{"method": "qr", "commandId": "01a2070f-74e0-754c-a848-283b720cc2c7"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74f7-74d9-8388-42736e83060d', NULL, 'line.created', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-74f6-76a4-bae6-5eea94705839', '2026-11-23 06:19:43.012267+00', '{"displayName": "Support"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74fa-74c2-bc08-ead3daec7365', NULL, 'line.pairing_requested', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-74f6-76a4-bae6-5eea94705839', '2026-11-23 06:19:43.012267+00', '{"method": "qr", "commandId": "01a2070f-74f9-757a-8760-641cda909036"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7549-7310-b15c-3ee3f5dcd700', NULL, 'line.created', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-7529-70bb-85d3-eeb8a4b9a97c', '2026-11-23 06:19:43.00229+00', '{"displayName": "Support"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7568-70a4-80d8-df956e1522b5', NULL, 'line.pairing_requested', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-7529-70bb-85d3-eeb8a4b9a97c', '2026-11-23 06:19:43.00229+00', '{"method": "qr", "commandId": "01a2070f-7564-71d1-95d9-ccf436108101"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7570-76d8-82ae-20fff3ff123b', NULL, 'line.created', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-756f-77bd-8579-36406a1e1e7f', '2026-11-23 06:19:43.01734+00', '{"displayName": "Support"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7575-70bf-8813-6b6b0f015ee7', NULL, 'line.pairing_requested', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-756f-77bd-8579-36406a1e1e7f', '2026-11-23 06:19:43.01734+00', '{"method": "qr", "commandId": "01a2070f-7573-732e-913a-320b7d8e22b3"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7b21-721d-955e-d780e0b29a5a', NULL, 'line.stopped', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-7344-7321-b70d-d8c3a58817a8', '2026-11-23 06:19:44.798965+00', '{}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7b3e-706f-ba1f-6d4b8e5e0aab', NULL, 'line.archived', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-756f-77bd-8579-36406a1e1e7f', '2026-11-23 06:19:44.820364+00', '{"failedReplies": 0}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7fe5-7132-a6d7-879cbaa0cd08', NULL, 'line.archived', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-71b6-752f-9366-18d4a1b6d27b', '2026-11-23 06:19:46.016182+00', '{"failedReplies": 0}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-802c-7754-a298-801f75620908', NULL, 'line.created', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-802b-7552-828b-12defbea8c1c', '2026-11-23 06:19:46.090533+00', '{"displayName": "Support"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-802f-76e6-89d7-c1ccc26a8a89', NULL, 'line.pairing_requested', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-802b-7552-828b-12defbea8c1c', '2026-11-23 06:19:46.090533+00', '{"method": "qr", "commandId": "01a2070f-802f-76e6-89d7-c1cbc9855efd"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-8040-7247-9ab6-54d784469426', NULL, 'line.pairing_stopped', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-802b-7552-828b-12defbea8c1c', '2026-11-23 06:19:46.108836+00', '{}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-8081-77d1-b506-0315675e2a10', NULL, 'line.created', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-8081-77d1-b506-031407934c6b', '2026-11-23 06:19:46.176493+00', '{"displayName": "Support"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-8083-7012-b6e4-f89460d55396', NULL, 'line.pairing_requested', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-8081-77d1-b506-031407934c6b', '2026-11-23 06:19:46.176493+00', '{"method": "qr", "commandId": "01a2070f-8083-7012-b6e4-f893688cda11"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-8090-77b8-a8d2-517015a13f29', NULL, 'line.created', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-808e-7099-9d4c-7494413addb4', '2026-11-23 06:19:46.188846+00', '{"displayName": "Support"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-8094-743a-bfd1-f06240ebcb0f', NULL, 'line.pairing_requested', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a2070f-808e-7099-9d4c-7494413addb4', '2026-11-23 06:19:46.188846+00', '{"method": "qr", "commandId": "01a2070f-8092-7231-88a3-ae305eff57a5"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-815a-738b-adbd-5f4e184cf967', NULL, 'reply.accepted', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'message', '01a2070f-815a-738b-adbd-5f4d0175a731', '2026-11-23 06:19:46.386093+00', '{"lineId": "01a2070f-6fb3-72c9-98ce-b00b69981cda", "conversationId": "01a2070f-8156-729b-a9dd-a8b55676d265"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-cfc8-7413-a205-b8a9a09ec6eb', NULL, 'reply.discarded', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'message', '01a2070f-815a-738b-adbd-5f4d0175a731', '2026-11-23 06:20:06.466022+00', '{"was": "unknown", "lineId": "01a2070f-6fb3-72c9-98ce-b00b69981cda", "conversationId": "01a2070f-8156-729b-a9dd-a8b55676d265"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-cff2-7240-952c-5cc598f9ad92', NULL, 'reply.accepted', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'message', '01a2070f-cff2-7240-952c-5cc4ceeaaf02', '2026-11-23 06:20:06.494989+00', '{"lineId": "01a2070f-6fb3-72c9-98ce-b00b69981cda", "conversationId": "01a2070f-cfe7-739e-b1d4-4fd73f0c320a"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1e45-71b2-9477-51e403d008c1', NULL, 'reply.accepted', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'message', '01a20710-1e45-71b2-9477-51e311d468ab', '2026-11-23 06:20:26.558581+00', '{"lineId": "01a2070f-6fbb-74d2-9a6f-db861ccd9808", "conversationId": "01a20710-1e41-7501-848d-a6622b04edae"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1e5f-774b-abc7-55da1f623b89', NULL, 'reply.accepted', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'message', '01a20710-1e5f-774b-abc7-55d99d5a5619', '2026-11-23 06:20:26.574262+00', '{"lineId": "01a2070f-6fbb-74d2-9a6f-db861ccd9808", "conversationId": "01a20710-1e53-763a-b88d-0616128dde49"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1e77-70f9-9b54-c5375e57154c', NULL, 'reply.accepted', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'message', '01a20710-1e77-70f9-9b54-c5360c042361', '2026-11-23 06:20:26.608185+00', '{"lineId": "01a2070f-6fbb-74d2-9a6f-db861ccd9808", "conversationId": "01a20710-1e41-7501-848d-a6622b04edae"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1e96-7745-bf0c-fe3dc66b8032', NULL, 'reply.accepted', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'message', '01a20710-1e96-7745-bf0c-fe3c1e7c75c1', '2026-11-23 06:20:26.640757+00', '{"lineId": "01a2070f-6fbb-74d2-9a6f-db861ccd9808", "conversationId": "01a20710-1e53-763a-b88d-0616128dde49"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1eaf-72ef-a1b9-483741f62b7a', NULL, 'reply.accepted', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'message', '01a20710-1eaf-72ef-a1b9-4836441eb0fc', '2026-11-23 06:20:26.659628+00', '{"lineId": "01a2070f-6fbb-74d2-9a6f-db861ccd9808", "conversationId": "01a20710-1e41-7501-848d-a6622b04edae"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1ec9-77e0-a7ca-823d3247c6c9', NULL, 'reply.accepted', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'message', '01a20710-1ec9-77e0-a7ca-823c0f69c6bc', '2026-11-23 06:20:26.685508+00', '{"lineId": "01a2070f-6fbb-74d2-9a6f-db861ccd9808", "conversationId": "01a20710-1e53-763a-b88d-0616128dde49"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1edf-7610-8fe5-1c657964e9b2', NULL, 'reply.accepted', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'message', '01a20710-1edf-7610-8fe5-1c64706642cd', '2026-11-23 06:20:26.712893+00', '{"lineId": "01a2070f-6fbb-74d2-9a6f-db861ccd9808", "conversationId": "01a20710-1e41-7501-848d-a6622b04edae"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1efe-7772-8e05-4260cc8669c4', NULL, 'reply.accepted', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'message', '01a20710-1efe-7772-8e05-425f36f70148', '2026-11-23 06:20:26.735169+00', '{"lineId": "01a2070f-6fbb-74d2-9a6f-db861ccd9808", "conversationId": "01a20710-1e53-763a-b88d-0616128dde49"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1f2d-71e1-9a0e-b80be394e210', NULL, 'reply.accepted', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'message', '01a20710-1f2d-71e1-9a0e-b80a556bca3a', '2026-11-23 06:20:26.768208+00', '{"lineId": "01a2070f-6ffa-70ce-9ca1-e8a54502c65b", "conversationId": "01a20710-1f1e-7665-8b94-41b97f3829bd"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1f48-7520-8322-d0133eb41237', NULL, 'reply.accepted', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'message', '01a20710-1f48-7520-8322-d012bcac8f59', '2026-11-23 06:20:26.816098+00', '{"lineId": "01a2070f-6ffa-70ce-9ca1-e8a54502c65b", "conversationId": "01a20710-1f42-7485-aeec-86fc9da409b4"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1f60-752e-8b3a-8285b6b4f73d', NULL, 'reply.accepted', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'message', '01a20710-1f60-752e-8b3a-8284bdcdecd9', '2026-11-23 06:20:26.841266+00', '{"lineId": "01a2070f-6ffa-70ce-9ca1-e8a54502c65b", "conversationId": "01a20710-1f1e-7665-8b94-41b97f3829bd"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1f73-7110-ab11-afa56b022c89', NULL, 'reply.accepted', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'message', '01a20710-1f73-7110-ab11-afa458e73ebf', '2026-11-23 06:20:26.861733+00', '{"lineId": "01a2070f-6ffa-70ce-9ca1-e8a54502c65b", "conversationId": "01a20710-1f42-7485-aeec-86fc9da409b4"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1f92-758b-a512-1daef1a17177', NULL, 'reply.accepted', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'message', '01a20710-1f92-758b-a512-1dad2d192a25', '2026-11-23 06:20:26.886064+00', '{"lineId": "01a2070f-6ffa-70ce-9ca1-e8a54502c65b", "conversationId": "01a20710-1f1e-7665-8b94-41b97f3829bd"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1faa-768d-b684-396ec1d34174', NULL, 'reply.accepted', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'message', '01a20710-1faa-768d-b684-396d867e8d48', '2026-11-23 06:20:26.916777+00', '{"lineId": "01a2070f-6ffa-70ce-9ca1-e8a54502c65b", "conversationId": "01a20710-1f42-7485-aeec-86fc9da409b4"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1fbe-703d-8239-eee39191a234', NULL, 'reply.accepted', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'message', '01a20710-1fbe-703d-8239-eee2f722c6e9', '2026-11-23 06:20:26.936942+00', '{"lineId": "01a2070f-6ffa-70ce-9ca1-e8a54502c65b", "conversationId": "01a20710-1f1e-7665-8b94-41b97f3829bd"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1fcd-701c-aee1-309cb9ae5563', NULL, 'reply.accepted', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'message', '01a20710-1fcd-701c-aee1-309b721f7b68', '2026-11-23 06:20:26.953436+00', '{"lineId": "01a2070f-6ffa-70ce-9ca1-e8a54502c65b", "conversationId": "01a20710-1f42-7485-aeec-86fc9da409b4"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1fdc-711b-884b-85d3f907e9cf', NULL, 'line.created', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a20710-1fdb-73fd-9eb7-aa211349c547', '2026-11-23 06:20:26.968875+00', '{"displayName": "Support"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1fe2-748e-b4cf-22ac297d2fef', NULL, 'line.pairing_requested', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'line', '01a20710-1fdb-73fd-9eb7-aa211349c547', '2026-11-23 06:20:26.968875+00', '{"method": "qr", "commandId": "01a20710-1fe1-7421-bdd2-0d8e1276b2a2"}', NULL, NULL);
INSERT INTO public.audit_log VALUES ('01a2070f-67ee-752f-8ce5-43bc74ac47cb', '01a2070f-67f1-76fa-9871-03063d9f8467', NULL, 'organization.created', '01a2070f-67ee-7e0a-ad41-1911f57de4d4', 'organization', '01a2070f-67ee-752f-8ce5-43bc74ac47cb', '2026-11-23 06:19:39.886439+00', '{"lineSlots": 2}', NULL, NULL);
INSERT INTO public.billing VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', 'active', 100, 10, NULL, NULL, '2026-11-23 06:19:39.559715+00');
INSERT INTO public.billing VALUES ('01a2070f-67ee-752f-8ce5-43bc74ac47cb', 'pending', 2, 10, NULL, NULL, '2026-11-23 06:19:39.886009+00');
INSERT INTO public.client_breakers VALUES ('simulated', 'previous', '2026-11-23 06:20:27.18935+00', '01a20710-1fdb-73fd-9eb7-aa211349c547', NULL);
INSERT INTO public.contacts VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6cd6-7042-a60c-a786cdec004b', '+4915550002002', NULL, NULL, NULL, '2026-11-23 06:19:41.138215+00', NULL);
INSERT INTO public.contacts VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6ce0-754c-b556-2d9e84e6118f', '+4915550003003', NULL, NULL, NULL, '2026-11-23 06:19:41.150333+00', NULL);
INSERT INTO public.contacts VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6cf0-76d6-87b3-c3e753ac8202', NULL, NULL, NULL, NULL, '2026-11-23 06:19:41.161519+00', '2026-11-23 06:19:41.818266+00');
INSERT INTO public.contacts VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6e3c-745a-b9c7-7e1f8f344f81', '+4915550004004', NULL, NULL, NULL, '2026-11-23 06:19:41.492843+00', NULL);
INSERT INTO public.conversations VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6cd8-7095-80bf-b760e7f40c8b', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', '01a2070f-6cd6-7042-a60c-a786cdec004b', '01a2070f-6f94-7073-afff-a5836b5e1643', 3, 2, '2026-11-23 06:19:41.557533+00', 'This is it.', '2026-11-23 06:19:41.14+00', 0, '2026-11-23 06:19:41.138215+00');
INSERT INTO public.conversations VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6ce3-76f3-9e3f-0a9d6585999f', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', '01a2070f-6ce0-754c-b556-2d9e84e6118f', NULL, 2, 1, '2026-11-23 06:19:41.689579+00', 'This is refused.', '2026-11-23 06:19:41.136+00', 0, '2026-11-23 06:19:41.150333+00');
INSERT INTO public.conversations VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6cf5-731c-8367-2c6c36a6f803', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', '01a2070f-6cf0-76d6-87b3-c3e753ac8202', NULL, 1, 0, '2026-11-23 06:19:41.185477+00', NULL, '2026-11-23 06:19:41.137+00', 0, '2026-11-23 06:19:41.161519+00');
INSERT INTO public.conversations VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6e40-703a-91ec-1452630fe525', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', '01a2070f-6e3c-745a-b9c7-7e1f8f344f81', NULL, 2, 1, '2026-11-23 06:19:41.519061+00', 'You asked us to write here.', NULL, 0, '2026-11-23 06:19:41.492843+00');
INSERT INTO public.conversations VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-8156-729b-a9dd-a8b55676d265', '01a2070f-6fb3-72c9-98ce-b00b69981cda', '01a2070f-6ce0-754c-b556-2d9e84e6118f', NULL, 2, 1, '2026-11-23 06:19:46.39527+00', 'Whether this arrived nobody knows.', NULL, 0, '2026-11-23 06:19:46.386093+00');
INSERT INTO public.conversations VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-cfe7-739e-b1d4-4fd73f0c320a', '01a2070f-6fb3-72c9-98ce-b00b69981cda', '01a2070f-6cd6-7042-a60c-a786cdec004b', NULL, 2, 1, '2026-11-23 06:20:06.516781+00', 'Whether this arrived nobody knows.', NULL, 0, '2026-11-23 06:20:06.494989+00');
INSERT INTO public.conversations VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1e41-7501-848d-a6622b04edae', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', '01a2070f-6cd6-7042-a60c-a786cdec004b', NULL, 5, 4, '2026-11-23 06:20:26.720335+00', 'Reply 3 of the last moments.', NULL, 0, '2026-11-23 06:20:26.558581+00');
INSERT INTO public.conversations VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1e53-763a-b88d-0616128dde49', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', '01a2070f-6ce0-754c-b556-2d9e84e6118f', NULL, 5, 4, '2026-11-23 06:20:26.75181+00', 'Reply 3 of the last moments.', NULL, 0, '2026-11-23 06:20:26.574262+00');
INSERT INTO public.conversations VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1f1e-7665-8b94-41b97f3829bd', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a2070f-6cd6-7042-a60c-a786cdec004b', NULL, 5, 4, '2026-11-23 06:20:26.942723+00', 'Reply 3 of the last moments.', NULL, 0, '2026-11-23 06:20:26.768208+00');
INSERT INTO public.conversations VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1f42-7485-aeec-86fc9da409b4', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a2070f-6ce0-754c-b556-2d9e84e6118f', NULL, 5, 4, '2026-11-23 06:20:26.957937+00', 'Reply 3 of the last moments.', NULL, 0, '2026-11-23 06:20:26.816098+00');
INSERT INTO public.idempotency VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'send', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', 'previous-0', '\x4d4786a962d4e8e1f7ecb06bf3a742e5218775ddabb26d1795cd72fd193e40ae', '01a2070f-6d4b-74e3-8df7-a3b4e1dcc730', '2026-11-23 06:19:41.254019+00');
INSERT INTO public.idempotency VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'send', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', 'previous-1', '\x03d265bfd1b6c5f95d288565fb2b6469338cbe843adfc0180236fa0f5eacd715', '01a2070f-6e4d-72fd-88e4-2d146829ad01', '2026-11-23 06:19:41.492843+00');
INSERT INTO public.idempotency VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'send', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', 'previous-2', '\xb800b0222f4c2b1f4bc565e5a6719d4a0d76d4dbb005847585da15f59e8750d9', '01a2070f-6e74-73bf-9b72-bdebacc024bc', '2026-11-23 06:19:41.551042+00');
INSERT INTO public.idempotency VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'send', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', 'previous-3', '\xc9484e521a3083ca4eeeaee432f45b6fcd3e4ce44e26d9ec2415a74ac6bc9c37', '01a2070f-6ef8-75dc-8318-5408ced292f4', '2026-11-23 06:19:41.685297+00');
INSERT INTO public.idempotency VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'send', '01a2070f-6fb3-72c9-98ce-b00b69981cda', 'previous-4', '\x4202b9e3b1775e0dd116a5b9398cccac9a4f921be16a852ec7e01160e4638472', '01a2070f-815a-738b-adbd-5f4d0175a731', '2026-11-23 06:19:46.386093+00');
INSERT INTO public.idempotency VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'send', '01a2070f-6fb3-72c9-98ce-b00b69981cda', 'previous-5', '\x1e2eec95b8324c871068341427e61c36f0e5bfbe84ac70fb753321702f38bf14', '01a2070f-cff2-7240-952c-5cc4ceeaaf02', '2026-11-23 06:20:06.494989+00');
INSERT INTO public.idempotency VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'send', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', 'previous-10', '\xdb074e7f5baa3c1885af49f2e1951b39b915f1db768ecf29ef19999812aaa432', '01a20710-1eaf-72ef-a1b9-4836441eb0fc', '2026-11-23 06:20:26.659628+00');
INSERT INTO public.idempotency VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'send', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', 'previous-11', '\xc51dfa9fdc259d065e209045214735b398276169d327826c84a30685a57ccb08', '01a20710-1ec9-77e0-a7ca-823c0f69c6bc', '2026-11-23 06:20:26.685508+00');
INSERT INTO public.idempotency VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'send', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', 'previous-12', '\xbd7b50ddc7f007d3a849eb7efc1566db1c3952ed19d6c7665940a895e36d024c', '01a20710-1edf-7610-8fe5-1c64706642cd', '2026-11-23 06:20:26.712893+00');
INSERT INTO public.idempotency VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'send', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', 'previous-13', '\xda4bf27e910912f5a041c89a032aec54ec9d6880f3b934bf062da48e2a0870db', '01a20710-1efe-7772-8e05-425f36f70148', '2026-11-23 06:20:26.735169+00');
INSERT INTO public.idempotency VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'send', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', 'previous-6', '\x70416e4db6d46e4b3db89cefceaffe86aa3f08ee8b18af58a39bf30aa2c16a46', '01a20710-1e45-71b2-9477-51e311d468ab', '2026-11-23 06:20:26.558581+00');
INSERT INTO public.idempotency VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'send', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', 'previous-7', '\x0b2cd8416d27ca559240c65252fe61fa0fd3677ee316fc4e7536323dff526490', '01a20710-1e5f-774b-abc7-55d99d5a5619', '2026-11-23 06:20:26.574262+00');
INSERT INTO public.idempotency VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'send', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', 'previous-8', '\xf18667c063e5b36d99e7fe4e7b7c366a480b69007270d6c23163abe62a9c7103', '01a20710-1e77-70f9-9b54-c5360c042361', '2026-11-23 06:20:26.608185+00');
INSERT INTO public.idempotency VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'send', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', 'previous-9', '\x1c159c31f3eef9f9e2017318d2efd5c0b00e1e392617ab896f65437fde580c35', '01a20710-1e96-7745-bf0c-fe3c1e7c75c1', '2026-11-23 06:20:26.640757+00');
INSERT INTO public.idempotency VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'send', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', 'previous-14', '\x70416e4db6d46e4b3db89cefceaffe86aa3f08ee8b18af58a39bf30aa2c16a46', '01a20710-1f2d-71e1-9a0e-b80a556bca3a', '2026-11-23 06:20:26.768208+00');
INSERT INTO public.idempotency VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'send', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', 'previous-15', '\x0b2cd8416d27ca559240c65252fe61fa0fd3677ee316fc4e7536323dff526490', '01a20710-1f48-7520-8322-d012bcac8f59', '2026-11-23 06:20:26.816098+00');
INSERT INTO public.idempotency VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'send', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', 'previous-16', '\xf18667c063e5b36d99e7fe4e7b7c366a480b69007270d6c23163abe62a9c7103', '01a20710-1f60-752e-8b3a-8284bdcdecd9', '2026-11-23 06:20:26.841266+00');
INSERT INTO public.idempotency VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'send', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', 'previous-17', '\x1c159c31f3eef9f9e2017318d2efd5c0b00e1e392617ab896f65437fde580c35', '01a20710-1f73-7110-ab11-afa458e73ebf', '2026-11-23 06:20:26.861733+00');
INSERT INTO public.idempotency VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'send', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', 'previous-18', '\xdb074e7f5baa3c1885af49f2e1951b39b915f1db768ecf29ef19999812aaa432', '01a20710-1f92-758b-a512-1dad2d192a25', '2026-11-23 06:20:26.886064+00');
INSERT INTO public.idempotency VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'send', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', 'previous-19', '\xc51dfa9fdc259d065e209045214735b398276169d327826c84a30685a57ccb08', '01a20710-1faa-768d-b684-396d867e8d48', '2026-11-23 06:20:26.916777+00');
INSERT INTO public.idempotency VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'send', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', 'previous-20', '\xbd7b50ddc7f007d3a849eb7efc1566db1c3952ed19d6c7665940a895e36d024c', '01a20710-1fbe-703d-8239-eee2f722c6e9', '2026-11-23 06:20:26.936942+00');
INSERT INTO public.idempotency VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'send', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', 'previous-21', '\xda4bf27e910912f5a041c89a032aec54ec9d6880f3b934bf062da48e2a0870db', '01a20710-1fcd-701c-aee1-309b721f7b68', '2026-11-23 06:20:26.953436+00');
INSERT INTO public.line_commands VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-680b-7226-a281-c48f58928db3', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', 'pair', 'succeeded', NULL, NULL, '01a2070f-66a7-7fc0-b5dd-2b6028aca003', '{"before": {"was": "created"}, "creates": "Support"}', '2026-11-23 06:19:39.898947+00', '2026-11-23 06:23:00.972364+00', '2026-11-23 06:19:41.03289+00');
INSERT INTO public.line_commands VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6fb7-71d8-8126-eba7d72d7e40', '01a2070f-6fb3-72c9-98ce-b00b69981cda', 'pair', 'succeeded', NULL, NULL, '01a2070f-66a7-7fc0-b5dd-2b6028aca003', '{"before": {"was": "created"}, "creates": "Support"}', '2026-11-23 06:19:41.872782+00', '2026-11-23 06:23:02.016112+00', '2026-11-23 06:19:42.120656+00');
INSERT INTO public.line_commands VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6fcb-70ce-addd-08f1a7f31702', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', 'pair', 'succeeded', NULL, NULL, '01a2070f-66a7-7fc0-b5dd-2b6028aca003', '{"before": {"was": "created"}, "creates": "Support"}', '2026-11-23 06:19:41.873793+00', '2026-11-23 06:23:02.038728+00', '2026-11-23 06:19:42.2519+00');
INSERT INTO public.line_commands VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7022-73e2-80c6-f34291ed9a6b', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', 'pair', 'succeeded', NULL, NULL, '01a2070f-66a7-7fc0-b5dd-2b6028aca003', '{"before": {"was": "created"}, "creates": "Support"}', '2026-11-23 06:19:41.875463+00', '2026-11-23 06:23:02.19103+00', '2026-11-23 06:19:42.265418+00');
INSERT INTO public.line_commands VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71b0-7745-aa8e-0a26503b88f5', '01a2070f-71ac-70cb-9c1b-e64212e2307f', 'pair', 'succeeded', NULL, NULL, '01a2070f-66a7-7fc0-b5dd-2b6028aca003', '{"before": {"was": "created"}, "creates": "Support"}', '2026-11-23 06:19:42.379568+00', '2026-11-23 06:23:02.44624+00', '2026-11-23 06:19:42.640502+00');
INSERT INTO public.line_commands VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71c6-73dd-aac8-b483e1d5856e', '01a2070f-71b6-752f-9366-18d4a1b6d27b', 'pair', 'succeeded', NULL, NULL, '01a2070f-66a7-7fc0-b5dd-2b6028aca003', '{"before": {"was": "created"}, "creates": "Support"}', '2026-11-23 06:19:42.379543+00', '2026-11-23 06:23:02.568354+00', '2026-11-23 06:19:42.76193+00');
INSERT INTO public.line_commands VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71ee-722c-b72c-b78c6001db4f', '01a2070f-71dd-70f7-a9fd-fd598837c62d', 'pair', 'succeeded', NULL, NULL, '01a2070f-66a7-7fc0-b5dd-2b6028aca003', '{"before": {"was": "created"}, "creates": "Support"}', '2026-11-23 06:19:42.379585+00', '2026-11-23 06:23:02.804088+00', '2026-11-23 06:19:43.133541+00');
INSERT INTO public.line_commands VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-723c-76a4-afff-ffb53f11defd', '01a2070f-7214-7350-8219-9f3cfb408b39', 'pair', 'succeeded', NULL, NULL, '01a2070f-66a7-7fc0-b5dd-2b6028aca003', '{"before": {"was": "created"}, "creates": "Support"}', '2026-11-23 06:19:42.379602+00', '2026-11-23 06:23:02.83105+00', '2026-11-23 06:19:43.134464+00');
INSERT INTO public.line_commands VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7377-771e-96c1-20a8a920ff13', '01a2070f-7344-7321-b70d-d8c3a58817a8', 'pair', 'succeeded', NULL, NULL, '01a2070f-66a7-7fc0-b5dd-2b6028aca003', '{"before": {"was": "created"}, "creates": "Support"}', '2026-11-23 06:19:42.756697+00', '2026-11-23 06:23:03.204225+00', '2026-11-23 06:19:43.426701+00');
INSERT INTO public.line_commands VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7404-76a5-92ce-785c54eb98c9', '01a2070f-73c0-728d-b4a8-aa1fc11c814f', 'pair', 'succeeded', NULL, NULL, '01a2070f-66a7-7fc0-b5dd-2b6028aca003', '{"before": {"was": "created"}, "creates": "Support"}', '2026-11-23 06:19:42.883892+00', '2026-11-23 06:23:03.107756+00', '2026-11-23 06:19:43.267148+00');
INSERT INTO public.line_commands VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-742f-73d1-8fc8-bdf5c9ff1625', '01a2070f-7420-76df-8c8f-477994695aa1', 'pair', 'succeeded', NULL, NULL, '01a2070f-66a7-7fc0-b5dd-2b6028aca003', '{"before": {"was": "created"}, "creates": "Support"}', '2026-11-23 06:19:42.983318+00', '2026-11-23 06:23:03.204289+00', '2026-11-23 06:19:43.427309+00');
INSERT INTO public.line_commands VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-748f-7564-8205-f0399d75ce31', '01a2070f-7451-709f-91f8-59fe101f7c92', 'pair', 'succeeded', NULL, NULL, '01a2070f-66a7-7fc0-b5dd-2b6028aca003', '{"before": {"was": "created"}, "creates": "Support"}', '2026-11-23 06:19:42.982348+00', '2026-11-23 06:23:03.354505+00', '2026-11-23 06:19:43.547411+00');
INSERT INTO public.line_commands VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74e0-754c-a848-283b720cc2c7', '01a2070f-74b3-764c-8234-52282dd605c9', 'pair', 'succeeded', NULL, NULL, '01a2070f-66a7-7fc0-b5dd-2b6028aca003', '{"before": {"was": "created"}, "creates": "Support"}', '2026-11-23 06:19:42.991585+00', '2026-11-23 06:23:03.845415+00', '2026-11-23 06:19:44.086117+00');
INSERT INTO public.line_commands VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74f9-757a-8760-641cda909036', '01a2070f-74f6-76a4-bae6-5eea94705839', 'pair', 'succeeded', NULL, NULL, '01a2070f-66a7-7fc0-b5dd-2b6028aca003', '{"before": {"was": "created"}, "creates": "Support"}', '2026-11-23 06:19:43.012267+00', '2026-11-23 06:23:03.616685+00', '2026-11-23 06:19:43.907714+00');
INSERT INTO public.line_commands VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7564-71d1-95d9-ccf436108101', '01a2070f-7529-70bb-85d3-eeb8a4b9a97c', 'pair', 'succeeded', NULL, NULL, '01a2070f-66a7-7fc0-b5dd-2b6028aca003', '{"before": {"was": "created"}, "creates": "Support"}', '2026-11-23 06:19:43.00229+00', '2026-11-23 06:23:03.549419+00', '2026-11-23 06:19:43.859916+00');
INSERT INTO public.line_commands VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7573-732e-913a-320b7d8e22b3', '01a2070f-756f-77bd-8579-36406a1e1e7f', 'pair', 'succeeded', NULL, NULL, '01a2070f-66a7-7fc0-b5dd-2b6028aca003', '{"before": {"was": "created"}, "creates": "Support"}', '2026-11-23 06:19:43.01734+00', '2026-11-23 06:23:03.898507+00', '2026-11-23 06:19:44.286031+00');
INSERT INTO public.line_commands VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-802f-76e6-89d7-c1cbc9855efd', '01a2070f-802b-7552-828b-12defbea8c1c', 'pair', 'failed', 'stopped', NULL, '01a2070f-66a7-7fc0-b5dd-2b6028aca003', '{"before": {"was": "created"}, "creates": "Support"}', '2026-11-23 06:19:46.090533+00', '2026-11-23 06:29:46.090533+00', '2026-11-23 06:19:46.108836+00');
INSERT INTO public.line_commands VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-8083-7012-b6e4-f893688cda11', '01a2070f-8081-77d1-b506-031407934c6b', 'pair', 'running', NULL, NULL, '01a2070f-66a7-7fc0-b5dd-2b6028aca003', '{"before": {"was": "created"}, "creates": "Support"}', '2026-11-23 06:19:46.176493+00', '2026-11-23 06:23:06.213301+00', NULL);
INSERT INTO public.line_commands VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-8092-7231-88a3-ae305eff57a5', '01a2070f-808e-7099-9d4c-7494413addb4', 'pair', 'running', NULL, NULL, '01a2070f-66a7-7fc0-b5dd-2b6028aca003', '{"before": {"was": "created"}, "creates": "Support"}', '2026-11-23 06:19:46.188846+00', '2026-11-23 06:30:46.347793+00', NULL);
INSERT INTO public.line_commands VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1fe1-7421-bdd2-0d8e1276b2a2', '01a20710-1fdb-73fd-9eb7-aa211349c547', 'pair', 'succeeded', NULL, NULL, '01a2070f-66a7-7fc0-b5dd-2b6028aca003', '{"before": {"was": "created"}, "creates": "Support"}', '2026-11-23 06:20:26.968875+00', '2026-11-23 06:23:47.043618+00', '2026-11-23 06:20:27.114569+00');
INSERT INTO public.line_credentials VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', 'session', '', '\x936932fc73eb828ec56600717a5ed5eee172d66c87a0c4849d6de2dc16a1af010bd522cdc0968b022bf9a86ebdeb25af200f23b53cf0b4b4854e75f534fb17a7e35d2317ec064556fe3ae32a551c2b0474', '2026-11-23 06:19:41.03289+00');
INSERT INTO public.line_credentials VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6fb3-72c9-98ce-b00b69981cda', 'session', '', '\xefb7b92af903c6036421d95020465b8c13f47c355ab3094a76d93892720f395373307a28d3e0a7cf4aabdcc15e1a9af7ac433a77573ba2b05de2fffc860081409a262e82996566905dc7125c2467c78dc4', '2026-11-23 06:19:42.120656+00');
INSERT INTO public.line_credentials VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', 'session', '', '\x6ca928fee2b3717cec86b9d00998a5f1835d10fa629cfc7b074d9dc16e336d9f54f07aa97c9c675cccadd785f66bfcb02bf2e102f28c09e478fd574bdb478faf637f9bb050954f794938239e628846a0d1', '2026-11-23 06:19:42.2519+00');
INSERT INTO public.line_credentials VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', 'session', '', '\xc1a631cd382d60bd0317887205cb4c1898c2b1519587c828244f75dd7aa6d766721e91cf6956bf9775d0f49f46f738f64e6e87b7bfacf0881bb8fd9eacae414140d4eff52162343556c983ef0fbf128e7b', '2026-11-23 06:19:42.265418+00');
INSERT INTO public.line_credentials VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71ac-70cb-9c1b-e64212e2307f', 'session', '', '\x79b0ae27a1d28ad4b7b9ff41af5cda690d3ed2977adb403b5e2d353cf878513fe342eab43b623c75446984ff35568a6c1ef70ac3e747c9f8efb12a1099f5521298acb0f6b09aa346bb2a2824e4b29ef270', '2026-11-23 06:19:42.640502+00');
INSERT INTO public.line_credentials VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71dd-70f7-a9fd-fd598837c62d', 'session', '', '\xa4e34e570d9196c0c10c951ca8eac9fa64f119f7bbe2037df022f22dea8442c07f8fbdb0e50ce2dee2d381f517a9653679669da1570e45a461ce476c6dff2f58c10a86cb823053cf4e70493bdb6c6e66f3', '2026-11-23 06:19:43.133541+00');
INSERT INTO public.line_credentials VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7214-7350-8219-9f3cfb408b39', 'session', '', '\x07e4dc9e9659b071b389f5d6ad09ebcd6c77033f9a078a6031673ed565ae01af243ab38991e08b57ff7f97e14faf0def3aad379955d26ba31d02af2256899b5d22c0b83165626c02a5dee84aa0a1378546', '2026-11-23 06:19:43.134464+00');
INSERT INTO public.line_credentials VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7344-7321-b70d-d8c3a58817a8', 'session', '', '\xd63cab9c0ccef43c2cb55f87f4c4f5da47ca5754a35ec0645b3bca59f3f630ec2daa266af05d8d93b97a776a0c323b9ad32c7054beb73241e951d08bb9a38a0ec8c1bdfc40202f65d61ac61dfb43714a7f', '2026-11-23 06:19:43.426701+00');
INSERT INTO public.line_credentials VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7420-76df-8c8f-477994695aa1', 'session', '', '\x24162752e4aac2c2252efcf3e91911241d9a80d91310da23784fdfdc96ad37350680268b6520f6127f52ef45112e09faafd2d5d66bc4302d07c773c58f23f19f740a6b04cfe5e6b13de5fe7bdb01c1fe69', '2026-11-23 06:19:43.427309+00');
INSERT INTO public.line_credentials VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7451-709f-91f8-59fe101f7c92', 'session', '', '\xa3f828e5d47ae0619276074d2c9aaa43ef9cede1d1f8433af6dbbae779dc29fa61bf3235cdd04a0eddcae8199163e1c8e6bfbb83afe23b77eb2178437b9704843e26066467ec7f62be20c7d4945cb7aac5', '2026-11-23 06:19:43.547411+00');
INSERT INTO public.line_credentials VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74b3-764c-8234-52282dd605c9', 'session', '', '\x8bd0954f7ec1c411724f8d5f0dcb27193774ec226b4220b1705b9f0e5e14b30dfea50a674c57eaf2803a4c2caa3f1296816e800e8493f8a2ccdd9833cfa1a716a0cf8a0c4f425a776d7a271a8c10393720', '2026-11-23 06:19:44.086117+00');
INSERT INTO public.line_credentials VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74f6-76a4-bae6-5eea94705839', 'session', '', '\x6079ec1a14cd382ade828337f61a080f1e212f30751274f99878ca28cf4599919d928e7fed1bb0c19d92240b5a8022f7069812808e668ba5e80d1e03b3887ffd830e8c1bb9e7f603e00fc2b6af9c1a1c95', '2026-11-23 06:19:43.907714+00');
INSERT INTO public.line_credentials VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7529-70bb-85d3-eeb8a4b9a97c', 'session', '', '\x9cca7530e58b87470035be4d5fce087a2db5595e208b6d257c4057d6576ca78105ff83f7c576d9f2c5c5f613471fb7125f8c0ae1c62d68f2a9ef1834eb5b76396c6c4d685320130483c46b0bef2cc9ed5b', '2026-11-23 06:19:43.859916+00');
INSERT INTO public.line_credentials VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1fdb-73fd-9eb7-aa211349c547', 'session', '', '\xfff1d5371f2b2543303b9b9625e08a6e0ed7845b106e93e4c64bf77c3578a4755163f295e8bc0e30395dc4a5c6a286ac54a8b900054c27eedba2cb893143194e22545e15a874a9b18c4e1970281a3e95b0', '2026-11-23 06:20:27.114569+00');
INSERT INTO public.line_permissions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', '01a2070f-6f94-7073-afff-a5836b5e1643', true, true, NULL, '2026-11-23 06:19:41.851582+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', 1, 'created', 'starting', 'claimed', 'starting', 1, '{"from": {"state": "created"}, "state": "starting", "deadline": "2026-11-23T06:20:25.935329+00:00"}', '2026-11-23 06:19:40.935329+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', 2, 'starting', 'waiting_permit', 'started', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "pair", "pairing": {"before": {"was": "created"}, "command": "01a2070f-680b-7226-a281-c48f58928db3", "code_for": null}}, "grant_at": "2026-11-23T06:19:40.950204Z"}', '2026-11-23 06:19:40.950225+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', 3, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "pair", "pairing": {"before": {"was": "created"}, "command": "01a2070f-680b-7226-a281-c48f58928db3", "code_for": null}}, "deadline": "2026-11-23T06:20:10.958118Z", "generation": 1}', '2026-11-23 06:19:40.958133+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', 4, 'connecting', 'pairing', 'pairing_qr', 'pairing', 1, '{"step": {"step": "qr", "wave": 1, "waves": 6}, "state": "pairing", "pairing": {"before": {"was": "created"}, "command": "01a2070f-680b-7226-a281-c48f58928db3", "code_for": null}, "deadline": "2026-11-23T06:20:50.972296Z", "generation": 1}', '2026-11-23 06:19:40.972377+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', 5, 'pairing', 'connecting', 'paired', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:11.032518Z", "generation": 1}', '2026-11-23 06:19:41.032541+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', 6, 'connecting', 'waiting_permit', 'closed', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "resume"}, "grant_at": "2026-11-23T06:19:41.042120Z"}', '2026-11-23 06:19:41.042134+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', 7, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:11.047488Z", "generation": 2}', '2026-11-23 06:19:41.047502+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', 8, 'connecting', 'syncing', 'logged_in', 'syncing', 1, '{"state": "syncing", "deadline": "2026-11-23T06:22:41.061859Z", "generation": 2}', '2026-11-23 06:19:41.061871+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', 9, 'syncing', 'connected', 'ready', NULL, 1, '{"state": "connected", "generation": 2}', '2026-11-23 06:19:41.069401+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6fb3-72c9-98ce-b00b69981cda', 1, 'created', 'starting', 'claimed', 'starting', 1, '{"from": {"state": "created"}, "state": "starting", "deadline": "2026-11-23T06:20:26.883458+00:00"}', '2026-11-23 06:19:41.883458+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6fb3-72c9-98ce-b00b69981cda', 2, 'starting', 'waiting_permit', 'started', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "pair", "pairing": {"before": {"was": "created"}, "command": "01a2070f-6fb7-71d8-8126-eba7d72d7e40", "code_for": null}}, "grant_at": "2026-11-23T06:19:41.908241Z"}', '2026-11-23 06:19:41.908258+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6fb3-72c9-98ce-b00b69981cda', 3, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "pair", "pairing": {"before": {"was": "created"}, "command": "01a2070f-6fb7-71d8-8126-eba7d72d7e40", "code_for": null}}, "deadline": "2026-11-23T06:20:11.972560Z", "generation": 1}', '2026-11-23 06:19:41.973146+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6fb3-72c9-98ce-b00b69981cda', 4, 'connecting', 'pairing', 'pairing_qr', 'pairing', 1, '{"step": {"step": "qr", "wave": 1, "waves": 6}, "state": "pairing", "pairing": {"before": {"was": "created"}, "command": "01a2070f-6fb7-71d8-8126-eba7d72d7e40", "code_for": null}, "deadline": "2026-11-23T06:20:52.000407Z", "generation": 1}', '2026-11-23 06:19:42.016136+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6fb3-72c9-98ce-b00b69981cda', 5, 'pairing', 'connecting', 'paired', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:12.120324Z", "generation": 1}', '2026-11-23 06:19:42.120342+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6fb3-72c9-98ce-b00b69981cda', 6, 'connecting', 'waiting_permit', 'closed', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "resume"}, "grant_at": "2026-11-23T06:19:42.165724104Z"}', '2026-11-23 06:19:42.163653+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6fb3-72c9-98ce-b00b69981cda', 7, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:12.166564Z", "generation": 2}', '2026-11-23 06:19:42.166571+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6fb3-72c9-98ce-b00b69981cda', 8, 'connecting', 'syncing', 'logged_in', 'syncing', 1, '{"state": "syncing", "deadline": "2026-11-23T06:22:42.203730Z", "generation": 2}', '2026-11-23 06:19:42.203741+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6fb3-72c9-98ce-b00b69981cda', 9, 'syncing', 'connected', 'ready', NULL, 1, '{"state": "connected", "generation": 2}', '2026-11-23 06:19:42.265903+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6fb3-72c9-98ce-b00b69981cda', 10, 'connected', 'degraded', 'tick', 'no_proof_of_life', 1, '{"state": "degraded", "deadline": "2026-11-23T06:21:16.416730Z", "generation": 2}', '2026-11-23 06:20:16.416748+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', 1, 'created', 'starting', 'claimed', 'starting', 1, '{"from": {"state": "created"}, "state": "starting", "deadline": "2026-11-23T06:20:26.916025+00:00"}', '2026-11-23 06:19:41.916025+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', 2, 'starting', 'waiting_permit', 'started', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "pair", "pairing": {"before": {"was": "created"}, "command": "01a2070f-6fcb-70ce-addd-08f1a7f31702", "code_for": null}}, "grant_at": "2026-11-23T06:19:41.982451839Z"}', '2026-11-23 06:19:41.973482+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', 3, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "pair", "pairing": {"before": {"was": "created"}, "command": "01a2070f-6fcb-70ce-addd-08f1a7f31702", "code_for": null}}, "deadline": "2026-11-23T06:20:11.996795Z", "generation": 1}', '2026-11-23 06:19:41.996823+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', 4, 'connecting', 'pairing', 'pairing_qr', 'pairing', 1, '{"step": {"step": "qr", "wave": 1, "waves": 6}, "state": "pairing", "pairing": {"before": {"was": "created"}, "command": "01a2070f-6fcb-70ce-addd-08f1a7f31702", "code_for": null}, "deadline": "2026-11-23T06:20:52.038617Z", "generation": 1}', '2026-11-23 06:19:42.038745+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', 5, 'pairing', 'connecting', 'paired', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:12.238521Z", "generation": 1}', '2026-11-23 06:19:42.238538+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', 6, 'connecting', 'waiting_permit', 'closed', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "resume"}, "grant_at": "2026-11-23T06:19:42.279665Z"}', '2026-11-23 06:19:42.279672+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', 7, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:12.291244Z", "generation": 2}', '2026-11-23 06:19:42.291252+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', 8, 'connecting', 'syncing', 'logged_in', 'syncing', 1, '{"state": "syncing", "deadline": "2026-11-23T06:22:42.302498Z", "generation": 2}', '2026-11-23 06:19:42.302506+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', 9, 'syncing', 'connected', 'ready', NULL, 1, '{"state": "connected", "generation": 2}', '2026-11-23 06:19:42.305616+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', 1, 'created', 'starting', 'claimed', 'starting', 1, '{"from": {"state": "created"}, "state": "starting", "deadline": "2026-11-23T06:20:27.033699+00:00"}', '2026-11-23 06:19:42.033699+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', 2, 'starting', 'waiting_permit', 'started', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "pair", "pairing": {"before": {"was": "created"}, "command": "01a2070f-7022-73e2-80c6-f34291ed9a6b", "code_for": null}}, "grant_at": "2026-11-23T06:19:42.117908Z"}', '2026-11-23 06:19:42.117926+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', 3, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "pair", "pairing": {"before": {"was": "created"}, "command": "01a2070f-7022-73e2-80c6-f34291ed9a6b", "code_for": null}}, "deadline": "2026-11-23T06:20:12.158186Z", "generation": 1}', '2026-11-23 06:19:42.1582+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', 4, 'connecting', 'pairing', 'pairing_qr', 'pairing', 1, '{"step": {"step": "qr", "wave": 1, "waves": 6}, "state": "pairing", "pairing": {"before": {"was": "created"}, "command": "01a2070f-7022-73e2-80c6-f34291ed9a6b", "code_for": null}, "deadline": "2026-11-23T06:20:52.190543Z", "generation": 1}', '2026-11-23 06:19:42.191043+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', 5, 'pairing', 'connecting', 'paired', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:12.265231Z", "generation": 1}', '2026-11-23 06:19:42.265245+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', 6, 'connecting', 'waiting_permit', 'closed', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "resume"}, "grant_at": "2026-11-23T06:19:42.277276Z"}', '2026-11-23 06:19:42.277287+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', 7, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:12.280390Z", "generation": 2}', '2026-11-23 06:19:42.280396+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', 8, 'connecting', 'syncing', 'logged_in', 'syncing', 1, '{"state": "syncing", "deadline": "2026-11-23T06:22:42.289724Z", "generation": 2}', '2026-11-23 06:19:42.289735+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', 9, 'syncing', 'connected', 'ready', NULL, 1, '{"state": "connected", "generation": 2}', '2026-11-23 06:19:42.295269+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71ac-70cb-9c1b-e64212e2307f', 1, 'created', 'starting', 'claimed', 'starting', 1, '{"from": {"state": "created"}, "state": "starting", "deadline": "2026-11-23T06:20:27.387201+00:00"}', '2026-11-23 06:19:42.387201+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71ac-70cb-9c1b-e64212e2307f', 2, 'starting', 'waiting_permit', 'started', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "pair", "pairing": {"before": {"was": "created"}, "command": "01a2070f-71b0-7745-aa8e-0a26503b88f5", "code_for": null}}, "grant_at": "2026-11-23T06:19:42.407969Z"}', '2026-11-23 06:19:42.407988+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71ac-70cb-9c1b-e64212e2307f', 3, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "pair", "pairing": {"before": {"was": "created"}, "command": "01a2070f-71b0-7745-aa8e-0a26503b88f5", "code_for": null}}, "deadline": "2026-11-23T06:20:12.417239Z", "generation": 1}', '2026-11-23 06:19:42.42392+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71ac-70cb-9c1b-e64212e2307f', 4, 'connecting', 'pairing', 'pairing_qr', 'pairing', 1, '{"step": {"step": "qr", "wave": 1, "waves": 6}, "state": "pairing", "pairing": {"before": {"was": "created"}, "command": "01a2070f-71b0-7745-aa8e-0a26503b88f5", "code_for": null}, "deadline": "2026-11-23T06:20:52.445294Z", "generation": 1}', '2026-11-23 06:19:42.446254+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71ac-70cb-9c1b-e64212e2307f', 5, 'pairing', 'connecting', 'paired', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:12.640191Z", "generation": 1}', '2026-11-23 06:19:42.640219+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71ac-70cb-9c1b-e64212e2307f', 6, 'connecting', 'waiting_permit', 'closed', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "resume"}, "grant_at": "2026-11-23T06:19:42.679908Z"}', '2026-11-23 06:19:42.679922+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71ac-70cb-9c1b-e64212e2307f', 7, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:12.692987Z", "generation": 2}', '2026-11-23 06:19:42.692997+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71ac-70cb-9c1b-e64212e2307f', 8, 'connecting', 'syncing', 'logged_in', 'syncing', 1, '{"state": "syncing", "deadline": "2026-11-23T06:22:42.712101Z", "generation": 2}', '2026-11-23 06:19:42.71212+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71ac-70cb-9c1b-e64212e2307f', 9, 'syncing', 'connected', 'ready', NULL, 1, '{"state": "connected", "generation": 2}', '2026-11-23 06:19:42.736538+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71ac-70cb-9c1b-e64212e2307f', 10, 'connected', 'banned', 'closed', 'banned', 1, '{"state": "banned", "until": null}', '2026-11-23 06:19:44.468762+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71b6-752f-9366-18d4a1b6d27b', 1, 'created', 'starting', 'claimed', 'starting', 1, '{"from": {"state": "created"}, "state": "starting", "deadline": "2026-11-23T06:20:27.419286+00:00"}', '2026-11-23 06:19:42.419286+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71b6-752f-9366-18d4a1b6d27b', 2, 'starting', 'waiting_permit', 'started', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "pair", "pairing": {"before": {"was": "created"}, "command": "01a2070f-71c6-73dd-aac8-b483e1d5856e", "code_for": null}}, "grant_at": "2026-11-23T06:19:42.487301Z"}', '2026-11-23 06:19:42.487326+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71b6-752f-9366-18d4a1b6d27b', 3, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "pair", "pairing": {"before": {"was": "created"}, "command": "01a2070f-71c6-73dd-aac8-b483e1d5856e", "code_for": null}}, "deadline": "2026-11-23T06:20:12.523621Z", "generation": 1}', '2026-11-23 06:19:42.523649+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71b6-752f-9366-18d4a1b6d27b', 4, 'connecting', 'pairing', 'pairing_qr', 'pairing', 1, '{"step": {"step": "qr", "wave": 1, "waves": 6}, "state": "pairing", "pairing": {"before": {"was": "created"}, "command": "01a2070f-71c6-73dd-aac8-b483e1d5856e", "code_for": null}, "deadline": "2026-11-23T06:20:52.568251Z", "generation": 1}', '2026-11-23 06:19:42.568369+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71b6-752f-9366-18d4a1b6d27b', 5, 'pairing', 'connecting', 'paired', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:12.759689Z", "generation": 1}', '2026-11-23 06:19:42.759716+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71b6-752f-9366-18d4a1b6d27b', 6, 'connecting', 'waiting_permit', 'closed', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "resume"}, "grant_at": "2026-11-23T06:19:42.816121Z"}', '2026-11-23 06:19:42.816137+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71b6-752f-9366-18d4a1b6d27b', 7, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:12.831260Z", "generation": 2}', '2026-11-23 06:19:42.831267+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71b6-752f-9366-18d4a1b6d27b', 8, 'connecting', 'syncing', 'logged_in', 'syncing', 1, '{"state": "syncing", "deadline": "2026-11-23T06:22:43.167609Z", "generation": 2}', '2026-11-23 06:19:43.167617+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71b6-752f-9366-18d4a1b6d27b', 9, 'syncing', 'connected', 'ready', NULL, 1, '{"state": "connected", "generation": 2}', '2026-11-23 06:19:43.179917+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71b6-752f-9366-18d4a1b6d27b', 10, 'connected', 'reconnecting', 'closed', 'reconnecting', 1, '{"since": "2026-11-23T06:19:44.839080Z", "state": "reconnecting", "reason": "connection_lost", "lasting": false, "retry_at": "2026-11-23T06:19:45.831080Z"}', '2026-11-23 06:19:44.839099+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71b6-752f-9366-18d4a1b6d27b', 11, 'reconnecting', 'waiting_permit', 'tick', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "resume"}, "grant_at": "2026-11-23T06:19:45.836114Z"}', '2026-11-23 06:19:45.836129+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71b6-752f-9366-18d4a1b6d27b', 12, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:15.839496Z", "generation": 3}', '2026-11-23 06:19:45.839505+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71b6-752f-9366-18d4a1b6d27b', 13, 'connecting', 'reconnecting', 'closed', 'provider_unreachable', 1, '{"since": "2026-11-23T06:19:44.839080Z", "state": "reconnecting", "reason": "provider_unreachable", "lasting": false, "retry_at": "2026-11-23T06:19:48.014578Z"}', '2026-11-23 06:19:45.851606+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71b6-752f-9366-18d4a1b6d27b', 14, 'reconnecting', 'logged_out', 'ordered', 'logged_out', 1, '{"state": "logged_out", "reason": "logged_out"}', '2026-11-23 06:19:46.032676+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71dd-70f7-a9fd-fd598837c62d', 1, 'created', 'starting', 'claimed', 'starting', 1, '{"from": {"state": "created"}, "state": "starting", "deadline": "2026-11-23T06:20:27.484719+00:00"}', '2026-11-23 06:19:42.484719+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71dd-70f7-a9fd-fd598837c62d', 2, 'starting', 'waiting_permit', 'started', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "pair", "pairing": {"before": {"was": "created"}, "command": "01a2070f-71ee-722c-b72c-b78c6001db4f", "code_for": null}}, "grant_at": "2026-11-23T06:19:42.533566664Z"}', '2026-11-23 06:19:42.524175+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71dd-70f7-a9fd-fd598837c62d', 3, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "pair", "pairing": {"before": {"was": "created"}, "command": "01a2070f-71ee-722c-b72c-b78c6001db4f", "code_for": null}}, "deadline": "2026-11-23T06:20:12.583957Z", "generation": 1}', '2026-11-23 06:19:42.58397+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71dd-70f7-a9fd-fd598837c62d', 4, 'connecting', 'pairing', 'pairing_qr', 'pairing', 1, '{"step": {"step": "qr", "wave": 1, "waves": 6}, "state": "pairing", "pairing": {"before": {"was": "created"}, "command": "01a2070f-71ee-722c-b72c-b78c6001db4f", "code_for": null}, "deadline": "2026-11-23T06:20:52.790178Z", "generation": 1}', '2026-11-23 06:19:42.804116+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71dd-70f7-a9fd-fd598837c62d', 5, 'pairing', 'connecting', 'paired', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:13.131042Z", "generation": 1}', '2026-11-23 06:19:43.131053+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71dd-70f7-a9fd-fd598837c62d', 6, 'connecting', 'waiting_permit', 'closed', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "resume"}, "grant_at": "2026-11-23T06:19:43.160269908Z"}', '2026-11-23 06:19:43.148833+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71dd-70f7-a9fd-fd598837c62d', 7, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:13.166678Z", "generation": 2}', '2026-11-23 06:19:43.166687+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71dd-70f7-a9fd-fd598837c62d', 8, 'connecting', 'syncing', 'logged_in', 'syncing', 1, '{"state": "syncing", "deadline": "2026-11-23T06:22:43.415500Z", "generation": 2}', '2026-11-23 06:19:43.415511+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71dd-70f7-a9fd-fd598837c62d', 9, 'syncing', 'connected', 'ready', NULL, 1, '{"state": "connected", "generation": 2}', '2026-11-23 06:19:43.438447+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71dd-70f7-a9fd-fd598837c62d', 10, 'connected', 'banned', 'closed', 'temporarily_banned', 1, '{"state": "banned", "until": "2026-11-24T06:20:57.228167Z"}', '2026-11-23 06:19:44.410088+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7214-7350-8219-9f3cfb408b39', 1, 'created', 'starting', 'claimed', 'starting', 1, '{"from": {"state": "created"}, "state": "starting", "deadline": "2026-11-23T06:20:27.563945+00:00"}', '2026-11-23 06:19:42.563945+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7214-7350-8219-9f3cfb408b39', 2, 'starting', 'waiting_permit', 'started', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "pair", "pairing": {"before": {"was": "created"}, "command": "01a2070f-723c-76a4-afff-ffb53f11defd", "code_for": null}}, "grant_at": "2026-11-23T06:19:42.750821Z"}', '2026-11-23 06:19:42.750838+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7214-7350-8219-9f3cfb408b39', 3, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "pair", "pairing": {"before": {"was": "created"}, "command": "01a2070f-723c-76a4-afff-ffb53f11defd", "code_for": null}}, "deadline": "2026-11-23T06:20:12.764692Z", "generation": 1}', '2026-11-23 06:19:42.764704+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7214-7350-8219-9f3cfb408b39', 4, 'connecting', 'pairing', 'pairing_qr', 'pairing', 1, '{"step": {"step": "qr", "wave": 1, "waves": 6}, "state": "pairing", "pairing": {"before": {"was": "created"}, "command": "01a2070f-723c-76a4-afff-ffb53f11defd", "code_for": null}, "deadline": "2026-11-23T06:20:52.820614Z", "generation": 1}', '2026-11-23 06:19:42.831081+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7214-7350-8219-9f3cfb408b39', 5, 'pairing', 'connecting', 'paired', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:13.133744Z", "generation": 1}', '2026-11-23 06:19:43.133755+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7214-7350-8219-9f3cfb408b39', 6, 'connecting', 'waiting_permit', 'closed', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "resume"}, "grant_at": "2026-11-23T06:19:43.160271311Z"}', '2026-11-23 06:19:43.14993+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7214-7350-8219-9f3cfb408b39', 7, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:13.177219Z", "generation": 2}', '2026-11-23 06:19:43.177233+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7214-7350-8219-9f3cfb408b39', 8, 'connecting', 'syncing', 'logged_in', 'syncing', 1, '{"state": "syncing", "deadline": "2026-11-23T06:22:43.428162Z", "generation": 2}', '2026-11-23 06:19:43.428177+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7214-7350-8219-9f3cfb408b39', 9, 'syncing', 'connected', 'ready', NULL, 1, '{"state": "connected", "generation": 2}', '2026-11-23 06:19:43.456368+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7214-7350-8219-9f3cfb408b39', 10, 'connected', 'replaced', 'closed', 'replaced', 1, '{"state": "replaced", "retry_at": "2026-11-23T06:20:14.583025Z"}', '2026-11-23 06:19:44.583041+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7214-7350-8219-9f3cfb408b39', 11, 'replaced', 'starting', 'claimed', 'starting', 2, '{"from": {"state": "replaced", "retry_at": "2026-11-23T06:20:14.583025Z"}, "state": "starting", "deadline": "2026-11-23T06:21:00.48861+00:00"}', '2026-11-23 06:20:15.48861+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7214-7350-8219-9f3cfb408b39', 12, 'starting', 'waiting_permit', 'started', 'connect_budget', 2, '{"state": "waiting_permit", "purpose": {"for": "resume"}, "grant_at": "2026-11-23T06:20:15.501046Z"}', '2026-11-23 06:20:15.501063+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7214-7350-8219-9f3cfb408b39', 13, 'waiting_permit', 'connecting', 'permit', 'connecting', 2, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:45.504398Z", "generation": 3}', '2026-11-23 06:20:15.50441+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7214-7350-8219-9f3cfb408b39', 14, 'connecting', 'syncing', 'logged_in', 'syncing', 2, '{"state": "syncing", "deadline": "2026-11-23T06:23:15.513962Z", "generation": 3}', '2026-11-23 06:20:15.513977+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7214-7350-8219-9f3cfb408b39', 15, 'syncing', 'connected', 'ready', NULL, 2, '{"state": "connected", "generation": 3}', '2026-11-23 06:20:15.520064+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7344-7321-b70d-d8c3a58817a8', 1, 'created', 'starting', 'claimed', 'starting', 1, '{"from": {"state": "created"}, "state": "starting", "deadline": "2026-11-23T06:20:27.849615+00:00"}', '2026-11-23 06:19:42.849615+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7344-7321-b70d-d8c3a58817a8', 2, 'starting', 'waiting_permit', 'started', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "pair", "pairing": {"before": {"was": "created"}, "command": "01a2070f-7377-771e-96c1-20a8a920ff13", "code_for": null}}, "grant_at": "2026-11-23T06:19:43.131187Z"}', '2026-11-23 06:19:43.131192+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7344-7321-b70d-d8c3a58817a8', 3, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "pair", "pairing": {"before": {"was": "created"}, "command": "01a2070f-7377-771e-96c1-20a8a920ff13", "code_for": null}}, "deadline": "2026-11-23T06:20:13.140489Z", "generation": 1}', '2026-11-23 06:19:43.14055+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7344-7321-b70d-d8c3a58817a8', 4, 'connecting', 'pairing', 'pairing_qr', 'pairing', 1, '{"step": {"step": "qr", "wave": 1, "waves": 6}, "state": "pairing", "pairing": {"before": {"was": "created"}, "command": "01a2070f-7377-771e-96c1-20a8a920ff13", "code_for": null}, "deadline": "2026-11-23T06:20:53.200579Z", "generation": 1}', '2026-11-23 06:19:43.204237+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7344-7321-b70d-d8c3a58817a8', 5, 'pairing', 'connecting', 'paired', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:13.423725Z", "generation": 1}', '2026-11-23 06:19:43.423731+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7344-7321-b70d-d8c3a58817a8', 6, 'connecting', 'waiting_permit', 'closed', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "resume"}, "grant_at": "2026-11-23T06:19:43.533954Z"}', '2026-11-23 06:19:43.533975+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7344-7321-b70d-d8c3a58817a8', 7, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:13.569658Z", "generation": 2}', '2026-11-23 06:19:43.569685+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7344-7321-b70d-d8c3a58817a8', 8, 'connecting', 'syncing', 'logged_in', 'syncing', 1, '{"state": "syncing", "deadline": "2026-11-23T06:22:44.079301Z", "generation": 2}', '2026-11-23 06:19:44.079304+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7344-7321-b70d-d8c3a58817a8', 9, 'syncing', 'connected', 'ready', NULL, 1, '{"state": "connected", "generation": 2}', '2026-11-23 06:19:44.103059+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7344-7321-b70d-d8c3a58817a8', 10, 'connected', 'reconnecting', 'ordered', 'reconnecting', 1, '{"since": "2026-11-23T06:19:44.819059Z", "state": "reconnecting", "reason": "connection_lost", "lasting": false, "retry_at": "2026-11-23T06:19:44.819059Z"}', '2026-11-23 06:19:44.819087+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-73c0-728d-b4a8-aa1fc11c814f', 1, 'created', 'starting', 'claimed', 'starting', 1, '{"from": {"state": "created"}, "state": "starting", "deadline": "2026-11-23T06:20:27.997538+00:00"}', '2026-11-23 06:19:42.997538+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-73c0-728d-b4a8-aa1fc11c814f', 2, 'starting', 'waiting_permit', 'started', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "pair", "pairing": {"before": {"was": "created"}, "command": "01a2070f-7404-76a5-92ce-785c54eb98c9", "code_for": null}}, "grant_at": "2026-11-23T06:19:43.017758Z"}', '2026-11-23 06:19:43.017775+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-73c0-728d-b4a8-aa1fc11c814f', 3, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "pair", "pairing": {"before": {"was": "created"}, "command": "01a2070f-7404-76a5-92ce-785c54eb98c9", "code_for": null}}, "deadline": "2026-11-23T06:20:13.034116Z", "generation": 1}', '2026-11-23 06:19:43.03413+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-73c0-728d-b4a8-aa1fc11c814f', 4, 'connecting', 'pairing', 'pairing_qr', 'pairing', 1, '{"step": {"step": "qr", "wave": 1, "waves": 6}, "state": "pairing", "pairing": {"before": {"was": "created"}, "command": "01a2070f-7404-76a5-92ce-785c54eb98c9", "code_for": null}, "deadline": "2026-11-23T06:20:53.096404Z", "generation": 1}', '2026-11-23 06:19:43.107776+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-73c0-728d-b4a8-aa1fc11c814f', 5, 'pairing', 'connecting', 'paired', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:13.256257Z", "generation": 1}', '2026-11-23 06:19:43.256262+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-73c0-728d-b4a8-aa1fc11c814f', 6, 'connecting', 'waiting_permit', 'closed', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "resume"}, "grant_at": "2026-11-23T06:19:43.329242Z"}', '2026-11-23 06:19:43.329255+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-73c0-728d-b4a8-aa1fc11c814f', 7, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:13.348291Z", "generation": 2}', '2026-11-23 06:19:43.348319+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-73c0-728d-b4a8-aa1fc11c814f', 8, 'connecting', 'syncing', 'logged_in', 'syncing', 1, '{"state": "syncing", "deadline": "2026-11-23T06:22:43.547624Z", "generation": 2}', '2026-11-23 06:19:43.547644+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-73c0-728d-b4a8-aa1fc11c814f', 9, 'syncing', 'connected', 'ready', NULL, 1, '{"state": "connected", "generation": 2}', '2026-11-23 06:19:43.565384+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-73c0-728d-b4a8-aa1fc11c814f', 10, 'connected', 'logged_out', 'closed', 'logged_out', 1, '{"state": "logged_out", "reason": "logged_out"}', '2026-11-23 06:19:44.731903+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7420-76df-8c8f-477994695aa1', 1, 'created', 'starting', 'claimed', 'starting', 1, '{"from": {"state": "created"}, "state": "starting", "deadline": "2026-11-23T06:20:28.048933+00:00"}', '2026-11-23 06:19:43.048933+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7420-76df-8c8f-477994695aa1', 2, 'starting', 'waiting_permit', 'started', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "pair", "pairing": {"before": {"was": "created"}, "command": "01a2070f-742f-73d1-8fc8-bdf5c9ff1625", "code_for": null}}, "grant_at": "2026-11-23T06:19:43.131207Z"}', '2026-11-23 06:19:43.131209+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7420-76df-8c8f-477994695aa1', 3, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "pair", "pairing": {"before": {"was": "created"}, "command": "01a2070f-742f-73d1-8fc8-bdf5c9ff1625", "code_for": null}}, "deadline": "2026-11-23T06:20:13.151411Z", "generation": 1}', '2026-11-23 06:19:43.151456+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7420-76df-8c8f-477994695aa1', 4, 'connecting', 'pairing', 'pairing_qr', 'pairing', 1, '{"step": {"step": "qr", "wave": 1, "waves": 6}, "state": "pairing", "pairing": {"before": {"was": "created"}, "command": "01a2070f-742f-73d1-8fc8-bdf5c9ff1625", "code_for": null}, "deadline": "2026-11-23T06:20:53.204203Z", "generation": 1}', '2026-11-23 06:19:43.204291+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7420-76df-8c8f-477994695aa1', 5, 'pairing', 'connecting', 'paired', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:13.423579Z", "generation": 1}', '2026-11-23 06:19:43.423597+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7420-76df-8c8f-477994695aa1', 6, 'connecting', 'waiting_permit', 'closed', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "resume"}, "grant_at": "2026-11-23T06:19:43.515062Z"}', '2026-11-23 06:19:43.515077+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7420-76df-8c8f-477994695aa1', 7, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:13.534205Z", "generation": 2}', '2026-11-23 06:19:43.534211+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7420-76df-8c8f-477994695aa1', 8, 'connecting', 'syncing', 'logged_in', 'syncing', 1, '{"state": "syncing", "deadline": "2026-11-23T06:22:44.079333Z", "generation": 2}', '2026-11-23 06:19:44.079335+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7420-76df-8c8f-477994695aa1', 9, 'syncing', 'connected', 'ready', NULL, 1, '{"state": "connected", "generation": 2}', '2026-11-23 06:19:44.10302+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7420-76df-8c8f-477994695aa1', 10, 'connected', 'reconnecting', 'closed', 'reconnecting', 1, '{"since": "2026-11-23T06:19:44.960728Z", "state": "reconnecting", "reason": "connection_lost", "lasting": false, "retry_at": "2026-11-23T06:19:45.966728Z"}', '2026-11-23 06:19:44.960749+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7420-76df-8c8f-477994695aa1', 11, 'reconnecting', 'waiting_permit', 'tick', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "resume"}, "grant_at": "2026-11-23T06:19:45.968352Z"}', '2026-11-23 06:19:45.968369+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7420-76df-8c8f-477994695aa1', 12, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:15.973459Z", "generation": 3}', '2026-11-23 06:19:45.973478+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7420-76df-8c8f-477994695aa1', 13, 'connecting', 'reconnecting', 'unreachable', 'provider_unreachable', 1, '{"since": "2026-11-23T06:19:44.960728Z", "state": "reconnecting", "reason": "provider_unreachable", "lasting": false, "retry_at": "2026-11-23T06:20:07.848638Z"}', '2026-11-23 06:20:05.980669+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7420-76df-8c8f-477994695aa1', 14, 'reconnecting', 'waiting_permit', 'tick', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "resume"}, "grant_at": "2026-11-23T06:20:07.851585Z"}', '2026-11-23 06:20:07.851603+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7420-76df-8c8f-477994695aa1', 15, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:37.857087Z", "generation": 4}', '2026-11-23 06:20:07.857105+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7451-709f-91f8-59fe101f7c92', 1, 'created', 'starting', 'claimed', 'starting', 1, '{"from": {"state": "created"}, "state": "starting", "deadline": "2026-11-23T06:20:28.160346+00:00"}', '2026-11-23 06:19:43.160346+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7451-709f-91f8-59fe101f7c92', 2, 'starting', 'waiting_permit', 'started', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "pair", "pairing": {"before": {"was": "created"}, "command": "01a2070f-748f-7564-8205-f0399d75ce31", "code_for": null}}, "grant_at": "2026-11-23T06:19:43.256149Z"}', '2026-11-23 06:19:43.256168+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7451-709f-91f8-59fe101f7c92', 3, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "pair", "pairing": {"before": {"was": "created"}, "command": "01a2070f-748f-7564-8205-f0399d75ce31", "code_for": null}}, "deadline": "2026-11-23T06:20:13.315759Z", "generation": 1}', '2026-11-23 06:19:43.315772+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7451-709f-91f8-59fe101f7c92', 4, 'connecting', 'pairing', 'pairing_qr', 'pairing', 1, '{"step": {"step": "qr", "wave": 1, "waves": 6}, "state": "pairing", "pairing": {"before": {"was": "created"}, "command": "01a2070f-748f-7564-8205-f0399d75ce31", "code_for": null}, "deadline": "2026-11-23T06:20:53.337791Z", "generation": 1}', '2026-11-23 06:19:43.354523+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7451-709f-91f8-59fe101f7c92', 5, 'pairing', 'connecting', 'paired', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:13.541539Z", "generation": 1}', '2026-11-23 06:19:43.541554+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7451-709f-91f8-59fe101f7c92', 6, 'connecting', 'waiting_permit', 'closed', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "resume"}, "grant_at": "2026-11-23T06:19:43.566091990Z"}', '2026-11-23 06:19:43.5625+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7451-709f-91f8-59fe101f7c92', 7, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:13.591109Z", "generation": 2}', '2026-11-23 06:19:43.603746+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7451-709f-91f8-59fe101f7c92', 8, 'connecting', 'syncing', 'logged_in', 'syncing', 1, '{"state": "syncing", "deadline": "2026-11-23T06:22:43.898382Z", "generation": 2}', '2026-11-23 06:19:43.898402+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7451-709f-91f8-59fe101f7c92', 9, 'syncing', 'connected', 'ready', NULL, 1, '{"state": "connected", "generation": 2}', '2026-11-23 06:19:44.274581+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7451-709f-91f8-59fe101f7c92', 10, 'connected', 'restricted', 'restricted', 'timelock', 1, '{"state": "restricted", "until": "2026-11-24T06:19:44.407167Z", "generation": 2}', '2026-11-23 06:19:44.666839+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74b3-764c-8234-52282dd605c9', 1, 'created', 'starting', 'claimed', 'starting', 1, '{"from": {"state": "created"}, "state": "starting", "deadline": "2026-11-23T06:20:28.231213+00:00"}', '2026-11-23 06:19:43.231213+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74b3-764c-8234-52282dd605c9', 2, 'starting', 'waiting_permit', 'started', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "pair", "pairing": {"before": {"was": "created"}, "command": "01a2070f-74e0-754c-a848-283b720cc2c7", "code_for": null}}, "grant_at": "2026-11-23T06:19:43.424815Z"}', '2026-11-23 06:19:43.424828+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74b3-764c-8234-52282dd605c9', 3, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "pair", "pairing": {"before": {"was": "created"}, "command": "01a2070f-74e0-754c-a848-283b720cc2c7", "code_for": null}}, "deadline": "2026-11-23T06:20:13.502293Z", "generation": 1}', '2026-11-23 06:19:43.502309+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74b3-764c-8234-52282dd605c9', 4, 'connecting', 'pairing', 'pairing_qr', 'pairing', 1, '{"step": {"step": "qr", "wave": 1, "waves": 6}, "state": "pairing", "pairing": {"before": {"was": "created"}, "command": "01a2070f-74e0-754c-a848-283b720cc2c7", "code_for": null}, "deadline": "2026-11-23T06:20:53.560884Z", "generation": 1}', '2026-11-23 06:19:43.845435+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74b3-764c-8234-52282dd605c9', 5, 'pairing', 'connecting', 'paired', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:14.079226Z", "generation": 1}', '2026-11-23 06:19:44.079236+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74b3-764c-8234-52282dd605c9', 6, 'connecting', 'waiting_permit', 'closed', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "resume"}, "grant_at": "2026-11-23T06:19:44.108463609Z"}', '2026-11-23 06:19:44.102837+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74b3-764c-8234-52282dd605c9', 7, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:14.122058Z", "generation": 2}', '2026-11-23 06:19:44.122071+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74b3-764c-8234-52282dd605c9', 8, 'connecting', 'syncing', 'logged_in', 'syncing', 1, '{"state": "syncing", "deadline": "2026-11-23T06:22:44.182191Z", "generation": 2}', '2026-11-23 06:19:44.182205+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74b3-764c-8234-52282dd605c9', 9, 'syncing', 'connected', 'ready', NULL, 1, '{"state": "connected", "generation": 2}', '2026-11-23 06:19:44.193504+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74b3-764c-8234-52282dd605c9', 10, 'connected', 'locked', 'closed', 'locked', 1, '{"state": "locked", "until": "2026-11-23T06:24:44.527476Z"}', '2026-11-23 06:19:44.527498+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74f6-76a4-bae6-5eea94705839', 1, 'created', 'starting', 'claimed', 'starting', 1, '{"from": {"state": "created"}, "state": "starting", "deadline": "2026-11-23T06:20:28.231213+00:00"}', '2026-11-23 06:19:43.231213+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74f6-76a4-bae6-5eea94705839', 2, 'starting', 'waiting_permit', 'started', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "pair", "pairing": {"before": {"was": "created"}, "command": "01a2070f-74f9-757a-8760-641cda909036", "code_for": null}}, "grant_at": "2026-11-23T06:19:43.303071Z"}', '2026-11-23 06:19:43.303091+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74f6-76a4-bae6-5eea94705839', 3, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "pair", "pairing": {"before": {"was": "created"}, "command": "01a2070f-74f9-757a-8760-641cda909036", "code_for": null}}, "deadline": "2026-11-23T06:20:13.354621Z", "generation": 1}', '2026-11-23 06:19:43.354624+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74f6-76a4-bae6-5eea94705839', 4, 'connecting', 'pairing', 'pairing_qr', 'pairing', 1, '{"step": {"step": "qr", "wave": 1, "waves": 6}, "state": "pairing", "pairing": {"before": {"was": "created"}, "command": "01a2070f-74f9-757a-8760-641cda909036", "code_for": null}, "deadline": "2026-11-23T06:20:53.594543Z", "generation": 1}', '2026-11-23 06:19:43.61669+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74f6-76a4-bae6-5eea94705839', 5, 'pairing', 'connecting', 'paired', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:13.892945Z", "generation": 1}', '2026-11-23 06:19:43.89298+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74f6-76a4-bae6-5eea94705839', 6, 'connecting', 'waiting_permit', 'closed', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "resume"}, "grant_at": "2026-11-23T06:19:44.282505Z"}', '2026-11-23 06:19:44.282512+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74f6-76a4-bae6-5eea94705839', 7, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:14.294241Z", "generation": 2}', '2026-11-23 06:19:44.294251+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74f6-76a4-bae6-5eea94705839', 8, 'connecting', 'syncing', 'logged_in', 'syncing', 1, '{"state": "syncing", "deadline": "2026-11-23T06:22:44.317409Z", "generation": 2}', '2026-11-23 06:19:44.317418+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74f6-76a4-bae6-5eea94705839', 9, 'syncing', 'connected', 'ready', NULL, 1, '{"state": "connected", "generation": 2}', '2026-11-23 06:19:44.321081+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74f6-76a4-bae6-5eea94705839', 10, 'connected', 'reconnecting', 'closed', 'reconnecting', 1, '{"since": "2026-11-23T06:19:44.898538Z", "state": "reconnecting", "reason": "connection_lost", "lasting": false, "retry_at": "2026-11-23T06:19:45.892538Z"}', '2026-11-23 06:19:44.898559+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74f6-76a4-bae6-5eea94705839', 11, 'reconnecting', 'waiting_permit', 'tick', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "resume"}, "grant_at": "2026-11-23T06:19:45.893985Z"}', '2026-11-23 06:19:45.894002+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74f6-76a4-bae6-5eea94705839', 12, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:15.898764Z", "generation": 3}', '2026-11-23 06:19:45.898779+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74f6-76a4-bae6-5eea94705839', 13, 'connecting', 'reconnecting', 'closed', 'provider_unreachable', 1, '{"since": "2026-11-23T06:19:44.898538Z", "state": "reconnecting", "reason": "provider_unreachable", "lasting": false, "retry_at": "2026-11-23T06:19:47.918941Z"}', '2026-11-23 06:19:45.91397+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74f6-76a4-bae6-5eea94705839', 14, 'reconnecting', 'waiting_permit', 'tick', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "resume"}, "grant_at": "2026-11-23T06:19:47.919958Z"}', '2026-11-23 06:19:47.919975+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74f6-76a4-bae6-5eea94705839', 15, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:17.922777Z", "generation": 4}', '2026-11-23 06:19:47.922788+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74f6-76a4-bae6-5eea94705839', 16, 'connecting', 'reconnecting', 'closed', 'provider_unreachable', 1, '{"since": "2026-11-23T06:19:44.898538Z", "state": "reconnecting", "reason": "provider_unreachable", "lasting": false, "retry_at": "2026-11-23T06:19:50.718830Z"}', '2026-11-23 06:19:47.934859+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74f6-76a4-bae6-5eea94705839', 17, 'reconnecting', 'waiting_permit', 'tick', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "resume"}, "grant_at": "2026-11-23T06:19:50.719984Z"}', '2026-11-23 06:19:50.719999+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74f6-76a4-bae6-5eea94705839', 18, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:20.723001Z", "generation": 5}', '2026-11-23 06:19:50.72301+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74f6-76a4-bae6-5eea94705839', 19, 'connecting', 'reconnecting', 'closed', 'provider_unreachable', 1, '{"since": "2026-11-23T06:19:44.898538Z", "state": "reconnecting", "reason": "provider_unreachable", "lasting": false, "retry_at": "2026-11-23T06:19:56.132211Z"}', '2026-11-23 06:19:50.743232+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74f6-76a4-bae6-5eea94705839', 20, 'reconnecting', 'waiting_permit', 'tick', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "resume"}, "grant_at": "2026-11-23T06:19:56.133587Z"}', '2026-11-23 06:19:56.133605+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74f6-76a4-bae6-5eea94705839', 21, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:26.136325Z", "generation": 6}', '2026-11-23 06:19:56.136335+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74f6-76a4-bae6-5eea94705839', 22, 'connecting', 'reconnecting', 'closed', 'provider_unreachable', 1, '{"since": "2026-11-23T06:19:44.898538Z", "state": "reconnecting", "reason": "provider_unreachable", "lasting": false, "retry_at": "2026-11-23T06:20:04.523977Z"}', '2026-11-23 06:19:56.150003+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74f6-76a4-bae6-5eea94705839', 23, 'reconnecting', 'waiting_permit', 'tick', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "resume"}, "grant_at": "2026-11-23T06:20:04.525370Z"}', '2026-11-23 06:20:04.525385+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74f6-76a4-bae6-5eea94705839', 24, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:34.528225Z", "generation": 7}', '2026-11-23 06:20:04.528839+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74f6-76a4-bae6-5eea94705839', 25, 'connecting', 'reconnecting', 'closed', 'provider_unreachable', 1, '{"since": "2026-11-23T06:19:44.898538Z", "state": "reconnecting", "reason": "provider_unreachable", "lasting": false, "retry_at": "2026-11-23T06:20:16.890257Z"}', '2026-11-23 06:20:04.535277+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74f6-76a4-bae6-5eea94705839', 26, 'reconnecting', 'waiting_permit', 'tick', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "resume"}, "grant_at": "2026-11-23T06:20:16.891409Z"}', '2026-11-23 06:20:16.891427+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74f6-76a4-bae6-5eea94705839', 27, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:46.894099Z", "generation": 8}', '2026-11-23 06:20:16.894111+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74f6-76a4-bae6-5eea94705839', 28, 'connecting', 'reconnecting', 'closed', 'provider_unreachable', 1, '{"since": "2026-11-23T06:19:44.898538Z", "state": "reconnecting", "reason": "provider_unreachable", "lasting": false, "retry_at": "2026-11-23T06:20:38.121275Z"}', '2026-11-23 06:20:16.901296+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7529-70bb-85d3-eeb8a4b9a97c', 1, 'created', 'starting', 'claimed', 'starting', 1, '{"from": {"state": "created"}, "state": "starting", "deadline": "2026-11-23T06:20:28.344149+00:00"}', '2026-11-23 06:19:43.344149+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7529-70bb-85d3-eeb8a4b9a97c', 2, 'starting', 'waiting_permit', 'started', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "pair", "pairing": {"before": {"was": "created"}, "command": "01a2070f-7564-71d1-95d9-ccf436108101", "code_for": null}}, "grant_at": "2026-11-23T06:19:43.424887Z"}', '2026-11-23 06:19:43.424891+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7529-70bb-85d3-eeb8a4b9a97c', 3, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "pair", "pairing": {"before": {"was": "created"}, "command": "01a2070f-7564-71d1-95d9-ccf436108101", "code_for": null}}, "deadline": "2026-11-23T06:20:13.461674Z", "generation": 1}', '2026-11-23 06:19:43.461691+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7529-70bb-85d3-eeb8a4b9a97c', 4, 'connecting', 'pairing', 'pairing_qr', 'pairing', 1, '{"step": {"step": "qr", "wave": 1, "waves": 6}, "state": "pairing", "pairing": {"before": {"was": "created"}, "command": "01a2070f-7564-71d1-95d9-ccf436108101", "code_for": null}, "deadline": "2026-11-23T06:20:53.533393Z", "generation": 1}', '2026-11-23 06:19:43.54952+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7529-70bb-85d3-eeb8a4b9a97c', 5, 'pairing', 'connecting', 'paired', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:13.856138Z", "generation": 1}', '2026-11-23 06:19:43.856161+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7529-70bb-85d3-eeb8a4b9a97c', 6, 'connecting', 'waiting_permit', 'closed', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "resume"}, "grant_at": "2026-11-23T06:19:44.079086Z"}', '2026-11-23 06:19:44.079101+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7529-70bb-85d3-eeb8a4b9a97c', 7, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:14.102980Z", "generation": 2}', '2026-11-23 06:19:44.102984+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7529-70bb-85d3-eeb8a4b9a97c', 8, 'connecting', 'syncing', 'logged_in', 'syncing', 1, '{"state": "syncing", "deadline": "2026-11-23T06:22:44.159325Z", "generation": 2}', '2026-11-23 06:19:44.159338+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7529-70bb-85d3-eeb8a4b9a97c', 9, 'syncing', 'connected', 'ready', NULL, 1, '{"state": "connected", "generation": 2}', '2026-11-23 06:19:44.182322+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7529-70bb-85d3-eeb8a4b9a97c', 10, 'connected', 'throttled', 'rate_limited', 'rate_limited', 1, '{"state": "throttled", "until": "2026-11-24T06:19:44.407167Z", "generation": 2}', '2026-11-23 06:19:44.653004+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-756f-77bd-8579-36406a1e1e7f', 1, 'created', 'starting', 'claimed', 'starting', 1, '{"from": {"state": "created"}, "state": "starting", "deadline": "2026-11-23T06:20:28.376997+00:00"}', '2026-11-23 06:19:43.376997+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-756f-77bd-8579-36406a1e1e7f', 2, 'starting', 'waiting_permit', 'started', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "pair", "pairing": {"before": {"was": "created"}, "command": "01a2070f-7573-732e-913a-320b7d8e22b3", "code_for": null}}, "grant_at": "2026-11-23T06:19:43.541741Z"}', '2026-11-23 06:19:43.541749+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-756f-77bd-8579-36406a1e1e7f', 3, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "pair", "pairing": {"before": {"was": "created"}, "command": "01a2070f-7573-732e-913a-320b7d8e22b3", "code_for": null}}, "deadline": "2026-11-23T06:20:13.616570Z", "generation": 1}', '2026-11-23 06:19:43.616599+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-756f-77bd-8579-36406a1e1e7f', 4, 'connecting', 'pairing', 'pairing_qr', 'pairing', 1, '{"step": {"step": "qr", "wave": 1, "waves": 6}, "state": "pairing", "pairing": {"before": {"was": "created"}, "command": "01a2070f-7573-732e-913a-320b7d8e22b3", "code_for": null}, "deadline": "2026-11-23T06:20:53.705237Z", "generation": 1}', '2026-11-23 06:19:43.898512+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-756f-77bd-8579-36406a1e1e7f', 5, 'pairing', 'connecting', 'paired', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:14.282179Z", "generation": 1}', '2026-11-23 06:19:44.282198+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-756f-77bd-8579-36406a1e1e7f', 6, 'connecting', 'waiting_permit', 'closed', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "resume"}, "grant_at": "2026-11-23T06:19:44.304188348Z"}', '2026-11-23 06:19:44.296316+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-756f-77bd-8579-36406a1e1e7f', 7, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:14.305691Z", "generation": 2}', '2026-11-23 06:19:44.305721+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-756f-77bd-8579-36406a1e1e7f', 8, 'connecting', 'syncing', 'logged_in', 'syncing', 1, '{"state": "syncing", "deadline": "2026-11-23T06:22:44.320969Z", "generation": 2}', '2026-11-23 06:19:44.320977+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-756f-77bd-8579-36406a1e1e7f', 9, 'syncing', 'connected', 'ready', NULL, 1, '{"state": "connected", "generation": 2}', '2026-11-23 06:19:44.325622+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-756f-77bd-8579-36406a1e1e7f', 10, 'connected', 'logged_out', 'ordered', 'logged_out', 1, '{"state": "logged_out", "reason": "logged_out"}', '2026-11-23 06:19:44.844065+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-802b-7552-828b-12defbea8c1c', 1, 'created', 'starting', 'claimed', 'starting', 1, '{"from": {"state": "created"}, "state": "starting", "deadline": "2026-11-23T06:20:31.09982+00:00"}', '2026-11-23 06:19:46.09982+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-802b-7552-828b-12defbea8c1c', 2, 'starting', 'waiting_permit', 'started', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "pair", "pairing": {"before": {"was": "created"}, "command": "01a2070f-802f-76e6-89d7-c1cbc9855efd", "code_for": null}}, "grant_at": "2026-11-23T06:19:46.111213Z"}', '2026-11-23 06:19:46.111227+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-802b-7552-828b-12defbea8c1c', 3, 'waiting_permit', 'created', 'pair_ended', 'not_paired', 1, '{"state": "created"}', '2026-11-23 06:19:46.123012+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-8081-77d1-b506-031407934c6b', 1, 'created', 'starting', 'claimed', 'starting', 1, '{"from": {"state": "created"}, "state": "starting", "deadline": "2026-11-23T06:20:31.181741+00:00"}', '2026-11-23 06:19:46.181741+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-8081-77d1-b506-031407934c6b', 2, 'starting', 'waiting_permit', 'started', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "pair", "pairing": {"before": {"was": "created"}, "command": "01a2070f-8083-7012-b6e4-f893688cda11", "code_for": null}}, "grant_at": "2026-11-23T06:19:46.192949Z"}', '2026-11-23 06:19:46.193034+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-8081-77d1-b506-031407934c6b', 3, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "pair", "pairing": {"before": {"was": "created"}, "command": "01a2070f-8083-7012-b6e4-f893688cda11", "code_for": null}}, "deadline": "2026-11-23T06:20:16.196304Z", "generation": 1}', '2026-11-23 06:19:46.196313+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-8081-77d1-b506-031407934c6b', 4, 'connecting', 'pairing', 'pairing_qr', 'pairing', 1, '{"step": {"step": "qr", "wave": 1, "waves": 6}, "state": "pairing", "pairing": {"before": {"was": "created"}, "command": "01a2070f-8083-7012-b6e4-f893688cda11", "code_for": null}, "deadline": "2026-11-23T06:20:56.211133Z", "generation": 1}', '2026-11-23 06:19:46.213319+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-808e-7099-9d4c-7494413addb4', 1, 'created', 'starting', 'claimed', 'starting', 1, '{"from": {"state": "created"}, "state": "starting", "deadline": "2026-11-23T06:20:31.199527+00:00"}', '2026-11-23 06:19:46.199527+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-808e-7099-9d4c-7494413addb4', 2, 'starting', 'waiting_permit', 'started', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "pair", "pairing": {"before": {"was": "created"}, "command": "01a2070f-8092-7231-88a3-ae305eff57a5", "code_for": null}}, "grant_at": "2026-11-23T06:19:46.221733Z"}', '2026-11-23 06:19:46.221753+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-808e-7099-9d4c-7494413addb4', 3, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "pair", "pairing": {"before": {"was": "created"}, "command": "01a2070f-8092-7231-88a3-ae305eff57a5", "code_for": null}}, "deadline": "2026-11-23T06:20:16.274671Z", "generation": 1}', '2026-11-23 06:19:46.274686+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-808e-7099-9d4c-7494413addb4', 4, 'connecting', 'pairing', 'pairing_qr', 'pairing', 1, '{"step": {"step": "qr", "wave": 1, "waves": 6}, "state": "pairing", "pairing": {"before": {"was": "created"}, "command": "01a2070f-8092-7231-88a3-ae305eff57a5", "code_for": null}, "deadline": "2026-11-23T06:20:56.286460Z", "generation": 1}', '2026-11-23 06:19:46.286549+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-808e-7099-9d4c-7494413addb4', 5, 'pairing', 'pairing', 'passkey_required', 'pairing_passkey', 1, '{"step": {"step": "passkey"}, "state": "pairing", "pairing": {"before": {"was": "created"}, "command": "01a2070f-8092-7231-88a3-ae305eff57a5", "code_for": null}, "deadline": "2026-11-23T06:29:56.329067Z", "generation": 1}', '2026-11-23 06:19:46.347818+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1fdb-73fd-9eb7-aa211349c547', 1, 'created', 'starting', 'claimed', 'starting', 1, '{"from": {"state": "created"}, "state": "starting", "deadline": "2026-11-23T06:21:11.987271+00:00"}', '2026-11-23 06:20:26.987271+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1fdb-73fd-9eb7-aa211349c547', 2, 'starting', 'waiting_permit', 'started', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "pair", "pairing": {"before": {"was": "created"}, "command": "01a20710-1fe1-7421-bdd2-0d8e1276b2a2", "code_for": null}}, "grant_at": "2026-11-23T06:20:27.010190Z"}', '2026-11-23 06:20:27.010208+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1fdb-73fd-9eb7-aa211349c547', 3, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "pair", "pairing": {"before": {"was": "created"}, "command": "01a20710-1fe1-7421-bdd2-0d8e1276b2a2", "code_for": null}}, "deadline": "2026-11-23T06:20:57.028192Z", "generation": 1}', '2026-11-23 06:20:27.028206+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1fdb-73fd-9eb7-aa211349c547', 4, 'connecting', 'pairing', 'pairing_qr', 'pairing', 1, '{"step": {"step": "qr", "wave": 1, "waves": 6}, "state": "pairing", "pairing": {"before": {"was": "created"}, "command": "01a20710-1fe1-7421-bdd2-0d8e1276b2a2", "code_for": null}, "deadline": "2026-11-23T06:21:37.043529Z", "generation": 1}', '2026-11-23 06:20:27.04363+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1fdb-73fd-9eb7-aa211349c547', 5, 'pairing', 'connecting', 'paired', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:57.114246Z", "generation": 1}', '2026-11-23 06:20:27.114263+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1fdb-73fd-9eb7-aa211349c547', 6, 'connecting', 'waiting_permit', 'closed', 'connect_budget', 1, '{"state": "waiting_permit", "purpose": {"for": "resume"}, "grant_at": "2026-11-23T06:20:27.124841Z"}', '2026-11-23 06:20:27.124853+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1fdb-73fd-9eb7-aa211349c547', 7, 'waiting_permit', 'connecting', 'permit', 'connecting', 1, '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:57.129199Z", "generation": 2}', '2026-11-23 06:20:27.129209+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1fdb-73fd-9eb7-aa211349c547', 8, 'connecting', 'syncing', 'logged_in', 'syncing', 1, '{"state": "syncing", "deadline": "2026-11-23T06:23:27.151083Z", "generation": 2}', '2026-11-23 06:20:27.151098+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1fdb-73fd-9eb7-aa211349c547', 9, 'syncing', 'connected', 'ready', NULL, 1, '{"state": "connected", "generation": 2}', '2026-11-23 06:20:27.153047+00');
INSERT INTO public.line_transitions VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1fdb-73fd-9eb7-aa211349c547', 10, 'connected', 'failed', 'closed', 'client_outdated', 1, '{"state": "failed", "reason": "client_outdated", "retry_at": null}', '2026-11-23 06:20:27.189049+00');
INSERT INTO public.lines VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', 'Support', '+49155494367376', 'connected', '{"state": "connected", "generation": 2}', 9, '2026-11-23 06:19:41.069401+00', 1, 2, '2f2e9568-2842-44e0-8913-3f389a73361d', 'running', '2026-11-23 06:19:39.898947+00', NULL, NULL, '2026-11-23 06:19:41.069388+00', NULL, NULL, NULL, '{"deaths": 0, "ready_at": "2026-11-23T06:19:41.069388Z", "ban_strikes": 0, "backoff_step": 0, "fail_retries": 0, "lock_strikes": 0, "trouble_since": null, "throttled_until": null, "planned_restarts": 1, "restricted_until": null, "replaced_retry_used": false}', NULL, '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:19:39.898947+00');
INSERT INTO public.lines VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6fb3-72c9-98ce-b00b69981cda', 'Support', '+49155668843855', 'degraded', '{"state": "degraded", "deadline": "2026-11-23T06:21:16.416730Z", "generation": 2}', 10, '2026-11-23 06:20:16.416748+00', 1, 2, '2f2e9568-2842-44e0-8913-3f389a73361d', 'running', '2026-11-23 06:19:41.872782+00', NULL, NULL, '2026-11-23 06:19:42.265897+00', NULL, NULL, NULL, '{"deaths": 0, "ready_at": "2026-11-23T06:19:42.265897Z", "ban_strikes": 0, "backoff_step": 0, "fail_retries": 0, "lock_strikes": 0, "trouble_since": null, "throttled_until": null, "planned_restarts": 1, "restricted_until": null, "replaced_retry_used": false}', NULL, '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:19:41.872782+00');
INSERT INTO public.lines VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', 'Support', '+49155755671467', 'connected', '{"state": "connected", "generation": 2}', 9, '2026-11-23 06:19:42.305616+00', 1, 2, '2f2e9568-2842-44e0-8913-3f389a73361d', 'running', '2026-11-23 06:19:41.873793+00', NULL, NULL, '2026-11-23 06:19:42.305605+00', NULL, NULL, NULL, '{"deaths": 0, "ready_at": "2026-11-23T06:19:42.305605Z", "ban_strikes": 0, "backoff_step": 0, "fail_retries": 0, "lock_strikes": 0, "trouble_since": null, "throttled_until": null, "planned_restarts": 1, "restricted_until": null, "replaced_retry_used": false}', NULL, '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:19:41.873793+00');
INSERT INTO public.lines VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', 'Support', '+49155900235124', 'connected', '{"state": "connected", "generation": 2}', 9, '2026-11-23 06:19:42.295269+00', 1, 2, '2f2e9568-2842-44e0-8913-3f389a73361d', 'running', '2026-11-23 06:19:41.875463+00', NULL, NULL, '2026-11-23 06:19:42.295262+00', NULL, NULL, NULL, '{"deaths": 0, "ready_at": "2026-11-23T06:19:42.295262Z", "ban_strikes": 0, "backoff_step": 0, "fail_retries": 0, "lock_strikes": 0, "trouble_since": null, "throttled_until": null, "planned_restarts": 1, "restricted_until": null, "replaced_retry_used": false}', NULL, '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:19:41.875463+00');
INSERT INTO public.lines VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71ac-70cb-9c1b-e64212e2307f', 'Support', '+49155174306891', 'banned', '{"state": "banned", "until": null}', 10, '2026-11-23 06:19:44.468762+00', 1, 2, NULL, 'stopped', 'infinity', NULL, NULL, '2026-11-23 06:19:42.736525+00', NULL, NULL, NULL, '{"deaths": 0, "ready_at": null, "ban_strikes": 0, "backoff_step": 0, "fail_retries": 0, "lock_strikes": 0, "trouble_since": null, "throttled_until": null, "planned_restarts": 1, "restricted_until": null, "replaced_retry_used": false}', NULL, '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:19:42.379568+00');
INSERT INTO public.lines VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71b6-752f-9366-18d4a1b6d27b', 'Support', '+49155500769754', 'logged_out', '{"state": "logged_out", "reason": "logged_out"}', 14, '2026-11-23 06:19:46.032676+00', 1, 3, NULL, 'stopped', 'infinity', NULL, '2026-11-23 06:19:46.016182+00', '2026-11-23 06:19:43.179775+00', NULL, NULL, NULL, '{"deaths": 0, "ready_at": null, "ban_strikes": 0, "backoff_step": 2, "fail_retries": 0, "lock_strikes": 0, "trouble_since": "2026-11-23T06:19:44.839080Z", "throttled_until": null, "planned_restarts": 1, "restricted_until": null, "replaced_retry_used": false}', NULL, '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:19:42.379543+00');
INSERT INTO public.lines VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-71dd-70f7-a9fd-fd598837c62d', 'Support', '+49155632988868', 'banned', '{"state": "banned", "until": "2026-11-24T06:20:57.228167Z"}', 10, '2026-11-23 06:19:44.410088+00', 1, 2, NULL, 'running', '2026-11-24 06:20:57.228167+00', NULL, NULL, '2026-11-23 06:19:43.438431+00', NULL, NULL, NULL, '{"deaths": 0, "ready_at": null, "ban_strikes": 0, "backoff_step": 0, "fail_retries": 0, "lock_strikes": 0, "trouble_since": null, "throttled_until": null, "planned_restarts": 1, "restricted_until": null, "replaced_retry_used": false}', NULL, '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:19:42.379585+00');
INSERT INTO public.lines VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7214-7350-8219-9f3cfb408b39', 'Support', '+49155412196448', 'connected', '{"state": "connected", "generation": 3}', 15, '2026-11-23 06:20:15.520064+00', 2, 3, '2f2e9568-2842-44e0-8913-3f389a73361d', 'running', '2026-11-23 06:20:14.583025+00', NULL, NULL, '2026-11-23 06:20:15.520049+00', NULL, NULL, NULL, '{"deaths": 0, "ready_at": "2026-11-23T06:20:15.520049Z", "ban_strikes": 0, "backoff_step": 0, "fail_retries": 0, "lock_strikes": 0, "trouble_since": null, "throttled_until": null, "planned_restarts": 1, "restricted_until": null, "replaced_retry_used": true}', NULL, '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:19:42.379602+00');
INSERT INTO public.lines VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7344-7321-b70d-d8c3a58817a8', 'Support', '+49155224584210', 'reconnecting', '{"since": "2026-11-23T06:19:44.819059Z", "state": "reconnecting", "reason": "connection_lost", "lasting": false, "retry_at": "2026-11-23T06:19:44.819059Z"}', 10, '2026-11-23 06:19:44.819087+00', 1, 2, NULL, 'stopped', '2026-11-23 06:19:44.819059+00', '2026-11-23 06:19:44.798965+00', NULL, '2026-11-23 06:19:44.103057+00', NULL, NULL, NULL, '{"deaths": 0, "ready_at": null, "ban_strikes": 0, "backoff_step": 0, "fail_retries": 0, "lock_strikes": 0, "trouble_since": null, "throttled_until": null, "planned_restarts": 1, "restricted_until": null, "replaced_retry_used": false}', NULL, '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:19:42.756697+00');
INSERT INTO public.lines VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-73c0-728d-b4a8-aa1fc11c814f', 'Support', '+49155008556964', 'logged_out', '{"state": "logged_out", "reason": "logged_out"}', 10, '2026-11-23 06:19:44.731903+00', 1, 2, NULL, 'stopped', 'infinity', NULL, NULL, '2026-11-23 06:19:43.565355+00', NULL, NULL, NULL, '{"deaths": 0, "ready_at": null, "ban_strikes": 0, "backoff_step": 0, "fail_retries": 0, "lock_strikes": 0, "trouble_since": null, "throttled_until": null, "planned_restarts": 1, "restricted_until": null, "replaced_retry_used": false}', NULL, '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:19:42.883892+00');
INSERT INTO public.lines VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7420-76df-8c8f-477994695aa1', 'Support', '+49155371639530', 'connecting', '{"state": "connecting", "purpose": {"for": "resume"}, "deadline": "2026-11-23T06:20:37.857087Z", "generation": 4}', 15, '2026-11-23 06:20:07.857105+00', 1, 4, '2f2e9568-2842-44e0-8913-3f389a73361d', 'running', '2026-11-23 06:19:42.983318+00', NULL, NULL, '2026-11-23 06:19:44.103016+00', NULL, NULL, NULL, '{"deaths": 0, "ready_at": null, "ban_strikes": 0, "backoff_step": 2, "fail_retries": 0, "lock_strikes": 0, "trouble_since": "2026-11-23T06:19:44.960728Z", "throttled_until": null, "planned_restarts": 1, "restricted_until": null, "replaced_retry_used": false}', NULL, '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:19:42.983318+00');
INSERT INTO public.lines VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7451-709f-91f8-59fe101f7c92', 'Support', '+49155960305033', 'restricted', '{"state": "restricted", "until": "2026-11-24T06:19:44.407167Z", "generation": 2}', 10, '2026-11-23 06:19:44.666839+00', 1, 2, '2f2e9568-2842-44e0-8913-3f389a73361d', 'running', '2026-11-23 06:19:42.982348+00', NULL, NULL, '2026-11-23 06:19:44.274566+00', NULL, NULL, NULL, '{"deaths": 0, "ready_at": "2026-11-23T06:19:44.274566Z", "ban_strikes": 0, "backoff_step": 0, "fail_retries": 0, "lock_strikes": 0, "trouble_since": null, "throttled_until": null, "planned_restarts": 1, "restricted_until": "2026-11-24T06:19:44.407167Z", "replaced_retry_used": false}', NULL, '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:19:42.982348+00');
INSERT INTO public.lines VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74b3-764c-8234-52282dd605c9', 'Support', '+49155580613205', 'locked', '{"state": "locked", "until": "2026-11-23T06:24:44.527476Z"}', 10, '2026-11-23 06:19:44.527498+00', 1, 2, NULL, 'running', '2026-11-23 06:24:44.527476+00', NULL, NULL, '2026-11-23 06:19:44.193491+00', NULL, NULL, NULL, '{"deaths": 0, "ready_at": null, "ban_strikes": 0, "backoff_step": 0, "fail_retries": 0, "lock_strikes": 1, "trouble_since": null, "throttled_until": null, "planned_restarts": 1, "restricted_until": null, "replaced_retry_used": false}', NULL, '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:19:42.991585+00');
INSERT INTO public.lines VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-74f6-76a4-bae6-5eea94705839', 'Support', '+49155236915529', 'reconnecting', '{"since": "2026-11-23T06:19:44.898538Z", "state": "reconnecting", "reason": "provider_unreachable", "lasting": false, "retry_at": "2026-11-23T06:20:38.121275Z"}', 28, '2026-11-23 06:20:16.901296+00', 1, 8, '2f2e9568-2842-44e0-8913-3f389a73361d', 'running', '2026-11-23 06:19:43.012267+00', NULL, NULL, '2026-11-23 06:19:44.321078+00', NULL, NULL, NULL, '{"deaths": 0, "ready_at": null, "ban_strikes": 0, "backoff_step": 7, "fail_retries": 0, "lock_strikes": 0, "trouble_since": "2026-11-23T06:19:44.898538Z", "throttled_until": null, "planned_restarts": 1, "restricted_until": null, "replaced_retry_used": false}', NULL, '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:19:43.012267+00');
INSERT INTO public.lines VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7529-70bb-85d3-eeb8a4b9a97c', 'Support', '+49155705209273', 'throttled', '{"state": "throttled", "until": "2026-11-24T06:19:44.407167Z", "generation": 2}', 10, '2026-11-23 06:19:44.653004+00', 1, 2, '2f2e9568-2842-44e0-8913-3f389a73361d', 'running', '2026-11-23 06:19:43.00229+00', NULL, NULL, '2026-11-23 06:19:44.182316+00', NULL, NULL, NULL, '{"deaths": 0, "ready_at": "2026-11-23T06:19:44.182316Z", "ban_strikes": 0, "backoff_step": 0, "fail_retries": 0, "lock_strikes": 0, "trouble_since": null, "throttled_until": "2026-11-24T06:19:44.407167Z", "planned_restarts": 1, "restricted_until": null, "replaced_retry_used": false}', NULL, '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:19:43.00229+00');
INSERT INTO public.lines VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-756f-77bd-8579-36406a1e1e7f', 'Support', '+49155112757961', 'logged_out', '{"state": "logged_out", "reason": "logged_out"}', 10, '2026-11-23 06:19:44.844065+00', 1, 2, NULL, 'stopped', 'infinity', NULL, '2026-11-23 06:19:44.820364+00', '2026-11-23 06:19:44.325612+00', NULL, NULL, NULL, '{"deaths": 0, "ready_at": null, "ban_strikes": 0, "backoff_step": 0, "fail_retries": 0, "lock_strikes": 0, "trouble_since": null, "throttled_until": null, "planned_restarts": 1, "restricted_until": null, "replaced_retry_used": false}', NULL, '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:19:43.01734+00');
INSERT INTO public.lines VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-802b-7552-828b-12defbea8c1c', 'Support', NULL, 'created', '{"state": "created"}', 3, '2026-11-23 06:19:46.123012+00', 1, 0, NULL, 'stopped', 'infinity', NULL, NULL, NULL, NULL, NULL, NULL, '{"deaths": 0, "ready_at": null, "ban_strikes": 0, "backoff_step": 0, "fail_retries": 0, "lock_strikes": 0, "trouble_since": null, "throttled_until": null, "planned_restarts": 0, "restricted_until": null, "replaced_retry_used": false}', NULL, '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:19:46.090533+00');
INSERT INTO public.lines VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-8081-77d1-b506-031407934c6b', 'Support', NULL, 'pairing', '{"step": {"step": "qr", "wave": 1, "waves": 6}, "state": "pairing", "pairing": {"before": {"was": "created"}, "command": "01a2070f-8083-7012-b6e4-f893688cda11", "code_for": null}, "deadline": "2026-11-23T06:20:56.211133Z", "generation": 1}', 4, '2026-11-23 06:19:46.213319+00', 1, 1, '2f2e9568-2842-44e0-8913-3f389a73361d', 'stopped', '2026-11-23 06:19:46.176493+00', NULL, NULL, NULL, NULL, NULL, NULL, '{"deaths": 0, "ready_at": null, "ban_strikes": 0, "backoff_step": 0, "fail_retries": 0, "lock_strikes": 0, "trouble_since": null, "throttled_until": null, "planned_restarts": 0, "restricted_until": null, "replaced_retry_used": false}', NULL, '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:19:46.176493+00');
INSERT INTO public.lines VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-808e-7099-9d4c-7494413addb4', 'Support', NULL, 'pairing', '{"step": {"step": "passkey"}, "state": "pairing", "pairing": {"before": {"was": "created"}, "command": "01a2070f-8092-7231-88a3-ae305eff57a5", "code_for": null}, "deadline": "2026-11-23T06:29:56.329067Z", "generation": 1}', 5, '2026-11-23 06:19:46.347818+00', 1, 1, '2f2e9568-2842-44e0-8913-3f389a73361d', 'stopped', '2026-11-23 06:19:46.188846+00', NULL, NULL, NULL, NULL, NULL, NULL, '{"deaths": 0, "ready_at": null, "ban_strikes": 0, "backoff_step": 0, "fail_retries": 0, "lock_strikes": 0, "trouble_since": null, "throttled_until": null, "planned_restarts": 0, "restricted_until": null, "replaced_retry_used": false}', NULL, '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:19:46.188846+00');
INSERT INTO public.lines VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1fdb-73fd-9eb7-aa211349c547', 'Support', '+49155609543746', 'failed', '{"state": "failed", "reason": "client_outdated", "retry_at": null}', 10, '2026-11-23 06:20:27.189049+00', 1, 2, NULL, 'running', 'infinity', NULL, NULL, '2026-11-23 06:20:27.15304+00', NULL, NULL, NULL, '{"deaths": 0, "ready_at": null, "ban_strikes": 0, "backoff_step": 0, "fail_retries": 0, "lock_strikes": 0, "trouble_since": null, "throttled_until": null, "planned_restarts": 1, "restricted_until": null, "replaced_retry_used": false}', NULL, '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:20:26.968875+00');
INSERT INTO public.live_events VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1efe-7772-8e05-4262a993f21b', 283, 'conversation.updated', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', '01a20710-1e53-763a-b88d-0616128dde49', NULL, NULL, NULL, '2026-11-23 06:20:26.735169+00');
INSERT INTO public.live_events VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1f2d-71e1-9a0e-b80c02717318', 284, 'message.updated', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a20710-1f1e-7665-8b94-41b97f3829bd', '01a20710-1f2d-71e1-9a0e-b80a556bca3a', NULL, NULL, '2026-11-23 06:20:26.768208+00');
INSERT INTO public.live_events VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1f2d-71e1-9a0e-b80d5ecdc3a8', 285, 'conversation.updated', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a20710-1f1e-7665-8b94-41b97f3829bd', NULL, NULL, NULL, '2026-11-23 06:20:26.768208+00');
INSERT INTO public.live_events VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1f48-7520-8322-d014fcee1edb', 287, 'message.updated', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a20710-1f42-7485-aeec-86fc9da409b4', '01a20710-1f48-7520-8322-d012bcac8f59', NULL, NULL, '2026-11-23 06:20:26.816098+00');
INSERT INTO public.live_events VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1f48-7520-8322-d0154ef99423', 288, 'conversation.updated', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a20710-1f42-7485-aeec-86fc9da409b4', NULL, NULL, NULL, '2026-11-23 06:20:26.816098+00');
INSERT INTO public.live_events VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1f60-752e-8b3a-8286b46230fa', 290, 'message.updated', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a20710-1f1e-7665-8b94-41b97f3829bd', '01a20710-1f60-752e-8b3a-8284bdcdecd9', NULL, NULL, '2026-11-23 06:20:26.841266+00');
INSERT INTO public.live_events VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1f60-752e-8b3a-8287495a17e8', 291, 'conversation.updated', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a20710-1f1e-7665-8b94-41b97f3829bd', NULL, NULL, NULL, '2026-11-23 06:20:26.841266+00');
INSERT INTO public.live_events VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1f73-7110-ab11-afa6255e607e', 292, 'message.updated', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a20710-1f42-7485-aeec-86fc9da409b4', '01a20710-1f73-7110-ab11-afa458e73ebf', NULL, NULL, '2026-11-23 06:20:26.861733+00');
INSERT INTO public.live_events VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1f73-7110-ab11-afa7689ddb02', 293, 'conversation.updated', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a20710-1f42-7485-aeec-86fc9da409b4', NULL, NULL, NULL, '2026-11-23 06:20:26.861733+00');
INSERT INTO public.live_events VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1f92-758b-a512-1daf1aa341bc', 294, 'message.updated', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a20710-1f1e-7665-8b94-41b97f3829bd', '01a20710-1f92-758b-a512-1dad2d192a25', NULL, NULL, '2026-11-23 06:20:26.886064+00');
INSERT INTO public.live_events VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1f92-758b-a512-1db0b6476992', 295, 'conversation.updated', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a20710-1f1e-7665-8b94-41b97f3829bd', NULL, NULL, NULL, '2026-11-23 06:20:26.886064+00');
INSERT INTO public.live_events VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1faa-768d-b684-396f583c9f07', 296, 'message.updated', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a20710-1f42-7485-aeec-86fc9da409b4', '01a20710-1faa-768d-b684-396d867e8d48', NULL, NULL, '2026-11-23 06:20:26.916777+00');
INSERT INTO public.live_events VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1faa-768d-b684-397061335ce8', 297, 'conversation.updated', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a20710-1f42-7485-aeec-86fc9da409b4', NULL, NULL, NULL, '2026-11-23 06:20:26.916777+00');
INSERT INTO public.live_events VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1fbe-703d-8239-eee4c2e6603d', 298, 'message.updated', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a20710-1f1e-7665-8b94-41b97f3829bd', '01a20710-1fbe-703d-8239-eee2f722c6e9', NULL, NULL, '2026-11-23 06:20:26.936942+00');
INSERT INTO public.live_events VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1fbe-703d-8239-eee575db9081', 299, 'conversation.updated', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a20710-1f1e-7665-8b94-41b97f3829bd', NULL, NULL, NULL, '2026-11-23 06:20:26.936942+00');
INSERT INTO public.live_events VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1fcd-701c-aee1-309d94b80341', 300, 'message.updated', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a20710-1f42-7485-aeec-86fc9da409b4', '01a20710-1fcd-701c-aee1-309b721f7b68', NULL, NULL, '2026-11-23 06:20:26.953436+00');
INSERT INTO public.live_events VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1fcd-701c-aee1-309e8817aa6b', 301, 'conversation.updated', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a20710-1f42-7485-aeec-86fc9da409b4', NULL, NULL, NULL, '2026-11-23 06:20:26.953436+00');
INSERT INTO public.live_events VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1fe4-7183-82fa-eba1aef60649', 302, 'line.updated', '01a20710-1fdb-73fd-9eb7-aa211349c547', NULL, NULL, NULL, NULL, '2026-11-23 06:20:26.968875+00');
INSERT INTO public.live_events VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-2002-7596-918d-6a31e004c098', 303, 'line.updated', '01a20710-1fdb-73fd-9eb7-aa211349c547', NULL, NULL, NULL, NULL, '2026-11-23 06:20:27.010453+00');
INSERT INTO public.live_events VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-2017-75e3-9497-83582aafce60', 305, 'line.updated', '01a20710-1fdb-73fd-9eb7-aa211349c547', NULL, NULL, NULL, NULL, '2026-11-23 06:20:27.031141+00');
INSERT INTO public.live_events VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-2023-749b-8049-17a0b2a0cf0c', 306, 'line.updated', '01a20710-1fdb-73fd-9eb7-aa211349c547', NULL, NULL, NULL, NULL, '2026-11-23 06:20:27.043794+00');
INSERT INTO public.live_events VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-206a-74aa-aa08-23b0aefb90b4', 307, 'line.updated', '01a20710-1fdb-73fd-9eb7-aa211349c547', NULL, NULL, NULL, NULL, '2026-11-23 06:20:27.114569+00');
INSERT INTO public.live_events VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-2075-7436-998b-eaf0f76e459a', 308, 'line.updated', '01a20710-1fdb-73fd-9eb7-aa211349c547', NULL, NULL, NULL, NULL, '2026-11-23 06:20:27.125351+00');
INSERT INTO public.live_events VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-2079-709e-b3b4-3034844fe8af', 309, 'line.updated', '01a20710-1fdb-73fd-9eb7-aa211349c547', NULL, NULL, NULL, NULL, '2026-11-23 06:20:27.129464+00');
INSERT INTO public.live_events VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-208f-7437-9176-a92c4dfc6d7d', 310, 'line.updated', '01a20710-1fdb-73fd-9eb7-aa211349c547', NULL, NULL, NULL, NULL, '2026-11-23 06:20:27.151531+00');
INSERT INTO public.live_events VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-2091-7079-9c03-3c73e61e2fa3', 311, 'line.updated', '01a20710-1fdb-73fd-9eb7-aa211349c547', NULL, NULL, NULL, NULL, '2026-11-23 06:20:27.153467+00');
INSERT INTO public.live_events VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-20b5-71d3-ab25-f9c965c06355', 312, 'line.updated', '01a20710-1fdb-73fd-9eb7-aa211349c547', NULL, NULL, NULL, NULL, '2026-11-23 06:20:27.18935+00');
INSERT INTO public.live_events VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '455975d0-118f-4a8c-aa9d-4b0818160106', 289, 'message.updated', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a20710-1f42-7485-aeec-86fc9da409b4', '01a20710-1f48-7520-8322-d012bcac8f59', NULL, NULL, '2026-11-23 06:20:26.834148+00');
INSERT INTO public.live_events VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', 'cbf12c25-b34f-4e3d-abf0-2352b7b5c9df', 304, 'line.updated', '01a20710-1fdb-73fd-9eb7-aa211349c547', NULL, NULL, NULL, NULL, '2026-11-23 06:20:26.987271+00');
INSERT INTO public.live_events VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', 'd0e4a648-cae5-487e-b1b5-0dde7e966c5c', 286, 'message.updated', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a20710-1f1e-7665-8b94-41b97f3829bd', '01a20710-1f2d-71e1-9a0e-b80a556bca3a', NULL, NULL, '2026-11-23 06:20:26.806481+00');
INSERT INTO public.live_sequences VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', 312, 283);
INSERT INTO public.local_credentials VALUES ('01a2070f-66a7-7fc0-b5dd-2b6028aca003', '$argon2id$v=19$m=19456,t=2,p=1$cAaBO44wIurlPzhxfV93Yw$AD6oCp4vFo+6oaHzmWObiKY7R8ce5Q9vm+YcMnb8B9U', false, '2026-11-23 06:19:39.559715+00');
INSERT INTO public.local_credentials VALUES ('01a2070f-67ee-7e0a-ad41-1911f57de4d4', '$argon2id$v=19$m=19456,t=2,p=1$7Rm2w76SKW0xZic0NRh8Rg$X80wFj7+LEzLH2GfB7ojquIR6cAsfzitV9N1jzLIaPQ', false, '2026-11-23 06:19:39.886009+00');
INSERT INTO public.local_credentials VALUES ('01a2070f-6f94-7073-afff-a5836b5e1643', '$argon2id$v=19$m=19456,t=2,p=1$cAaBO44wIurlPzhxfV93Yw$AD6oCp4vFo+6oaHzmWObiKY7R8ce5Q9vm+YcMnb8B9U', false, '2026-11-23 06:19:41.847669+00');
INSERT INTO public.login_failures VALUES ('\x219c498838a1827e8061a7f689b882837e75771f330d9cf83fdee4a088f2de57', 1, NULL, '2026-11-23 06:19:39.771431+00');
INSERT INTO public.memberships VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'owner', 'active', NULL, '2026-11-23 06:19:39.559715+00', NULL);
INSERT INTO public.memberships VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6f94-7073-afff-a5836b5e1643', 'agent', 'active', NULL, '2026-11-23 06:19:41.849235+00', NULL);
INSERT INTO public.memberships VALUES ('01a2070f-67ee-752f-8ce5-43bc74ac47cb', '01a2070f-67ee-7e0a-ad41-1911f57de4d4', 'owner', 'active', NULL, '2026-11-23 06:19:39.886009+00', NULL);
INSERT INTO public.messages VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6cd9-7351-b31a-d245c5189975', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', '01a2070f-6cd8-7095-80bf-b760e7f40c8b', 'inbound', 'text', NULL, 'Hello, where is my parcel?', NULL, '3AA92580C580C98DA6A1', NULL, '2026-11-23 06:19:41.134+00', '2026-11-23 06:19:41.138215+00', NULL, NULL);
INSERT INTO public.messages VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6ce4-74f1-a6e7-aa0e548a42cf', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', '01a2070f-6ce3-76f3-9e3f-0a9d6585999f', 'inbound', 'text', NULL, 'Hello, where are my two parcels?', NULL, '3A22B8A296227875F220', NULL, '2026-11-23 06:19:41.136+00', '2026-11-23 06:19:41.150333+00', '2026-11-23 06:19:41.213211+00', NULL);
INSERT INTO public.messages VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6cfa-72fa-934e-4ee5019c351c', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', '01a2070f-6cf5-731c-8367-2c6c36a6f803', 'inbound', 'text', NULL, NULL, NULL, '3AD5B9AAAE40CB1BB2CD', NULL, '2026-11-23 06:19:41.137+00', '2026-11-23 06:19:41.161519+00', NULL, '2026-11-23 06:19:41.818266+00');
INSERT INTO public.messages VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6d10-7224-aab1-95224fed31dc', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', '01a2070f-6cd8-7095-80bf-b760e7f40c8b', 'inbound', 'image', NULL, NULL, '01a2070f-6d0f-71c1-85d2-811f6206a414', '3A25218C8C8DF79852B0', NULL, '2026-11-23 06:19:41.139+00', '2026-11-23 06:19:41.198444+00', NULL, NULL);
INSERT INTO public.messages VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6d18-724f-b57a-7b8fa761c66e', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', '01a2070f-6cd8-7095-80bf-b760e7f40c8b', 'inbound', 'unsupported', 'sticker', NULL, NULL, '3A30238E7632CC5038A3', NULL, '2026-11-23 06:19:41.14+00', '2026-11-23 06:19:41.204449+00', NULL, NULL);
INSERT INTO public.messages VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6d4b-74e3-8df7-a3b4e1dcc730', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', '01a2070f-6cd8-7095-80bf-b760e7f40c8b', 'outbound', 'text', NULL, 'It arrives today.', NULL, '3EB0E7541F00DDA2E79B8F', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:19:41.260832+00', NULL, NULL);
INSERT INTO public.messages VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6e4d-72fd-88e4-2d146829ad01', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', '01a2070f-6e40-703a-91ec-1452630fe525', 'outbound', 'text', NULL, 'You asked us to write here.', NULL, '3EB0454D505EEE39527669', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:19:41.519061+00', NULL, NULL);
INSERT INTO public.messages VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6e74-73bf-9b72-bdebacc024bc', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', '01a2070f-6cd8-7095-80bf-b760e7f40c8b', 'outbound', 'image', NULL, 'This is it.', '01a2070f-6e6e-75a1-998f-fb0aa13aa1f2', '3EB07C909176A8391A9170', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:19:41.557533+00', NULL, NULL);
INSERT INTO public.messages VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6ef8-75dc-8318-5408ced292f4', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', '01a2070f-6ce3-76f3-9e3f-0a9d6585999f', 'outbound', 'text', NULL, 'This is refused.', NULL, '3EB0527003D0EB3BCCECBB', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:19:41.689579+00', NULL, NULL);
INSERT INTO public.messages VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-815a-738b-adbd-5f4d0175a731', '01a2070f-6fb3-72c9-98ce-b00b69981cda', '01a2070f-8156-729b-a9dd-a8b55676d265', 'outbound', 'text', NULL, 'Whether this arrived nobody knows.', NULL, '3EB064EBB69C91AD9C8566', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:19:46.39527+00', NULL, NULL);
INSERT INTO public.messages VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-cff2-7240-952c-5cc4ceeaaf02', '01a2070f-6fb3-72c9-98ce-b00b69981cda', '01a2070f-cfe7-739e-b1d4-4fd73f0c320a', 'outbound', 'text', NULL, 'Whether this arrived nobody knows.', NULL, '3EB007077335760F962481', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:20:06.516781+00', NULL, NULL);
INSERT INTO public.messages VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1e45-71b2-9477-51e311d468ab', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', '01a20710-1e41-7501-848d-a6622b04edae', 'outbound', 'text', NULL, 'Reply 0 of the last moments.', NULL, '3EB0A95B816286A7044325', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:20:26.566419+00', NULL, NULL);
INSERT INTO public.messages VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1e5f-774b-abc7-55d99d5a5619', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', '01a20710-1e53-763a-b88d-0616128dde49', 'outbound', 'text', NULL, 'Reply 0 of the last moments.', NULL, '3EB0B7625B6DADBA03C69C', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:20:26.594066+00', NULL, NULL);
INSERT INTO public.messages VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1e77-70f9-9b54-c5360c042361', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', '01a20710-1e41-7501-848d-a6622b04edae', 'outbound', 'text', NULL, 'Reply 1 of the last moments.', NULL, '3EB025D17BD0D2D0A7B0EA', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:20:26.616095+00', NULL, NULL);
INSERT INTO public.messages VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1e96-7745-bf0c-fe3c1e7c75c1', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', '01a20710-1e53-763a-b88d-0616128dde49', 'outbound', 'text', NULL, 'Reply 1 of the last moments.', NULL, '3EB08183EC88B7A1B151FE', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:20:26.647585+00', NULL, NULL);
INSERT INTO public.messages VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1eaf-72ef-a1b9-4836441eb0fc', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', '01a20710-1e41-7501-848d-a6622b04edae', 'outbound', 'text', NULL, 'Reply 2 of the last moments.', NULL, '3EB065ACB381475D5D3E0A', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:20:26.672918+00', NULL, NULL);
INSERT INTO public.messages VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1ec9-77e0-a7ca-823c0f69c6bc', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', '01a20710-1e53-763a-b88d-0616128dde49', 'outbound', 'text', NULL, 'Reply 2 of the last moments.', NULL, '3EB04B63AE89E3895937FD', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:20:26.700197+00', NULL, NULL);
INSERT INTO public.messages VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1edf-7610-8fe5-1c64706642cd', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', '01a20710-1e41-7501-848d-a6622b04edae', 'outbound', 'text', NULL, 'Reply 3 of the last moments.', NULL, '3EB02844B1E426015F4729', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:20:26.720335+00', NULL, NULL);
INSERT INTO public.messages VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1efe-7772-8e05-425f36f70148', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', '01a20710-1e53-763a-b88d-0616128dde49', 'outbound', 'text', NULL, 'Reply 3 of the last moments.', NULL, '3EB05794FDD1E78A7B8543', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:20:26.75181+00', NULL, NULL);
INSERT INTO public.messages VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1f2d-71e1-9a0e-b80a556bca3a', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a20710-1f1e-7665-8b94-41b97f3829bd', 'outbound', 'text', NULL, 'Reply 0 of the last moments.', NULL, '3EB09DF28C914AFDD7160C', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:20:26.799094+00', NULL, NULL);
INSERT INTO public.messages VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1f48-7520-8322-d012bcac8f59', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a20710-1f42-7485-aeec-86fc9da409b4', 'outbound', 'text', NULL, 'Reply 0 of the last moments.', NULL, '3EB07833D417CB35D13574', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:20:26.824968+00', NULL, NULL);
INSERT INTO public.messages VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1f60-752e-8b3a-8284bdcdecd9', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a20710-1f1e-7665-8b94-41b97f3829bd', 'outbound', 'text', NULL, 'Reply 1 of the last moments.', NULL, '3EB015AF24240997053AD2', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:20:26.849352+00', NULL, NULL);
INSERT INTO public.messages VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1f73-7110-ab11-afa458e73ebf', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a20710-1f42-7485-aeec-86fc9da409b4', 'outbound', 'text', NULL, 'Reply 1 of the last moments.', NULL, '3EB0B6FBC597FDAD4BCC2A', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:20:26.868203+00', NULL, NULL);
INSERT INTO public.messages VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1f92-758b-a512-1dad2d192a25', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a20710-1f1e-7665-8b94-41b97f3829bd', 'outbound', 'text', NULL, 'Reply 2 of the last moments.', NULL, '3EB0553584C53E215D19B5', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:20:26.899527+00', NULL, NULL);
INSERT INTO public.messages VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1faa-768d-b684-396d867e8d48', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a20710-1f42-7485-aeec-86fc9da409b4', 'outbound', 'text', NULL, 'Reply 2 of the last moments.', NULL, '3EB098C3E53F0E6B3DC80B', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:20:26.923299+00', NULL, NULL);
INSERT INTO public.messages VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1fbe-703d-8239-eee2f722c6e9', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a20710-1f1e-7665-8b94-41b97f3829bd', 'outbound', 'text', NULL, 'Reply 3 of the last moments.', NULL, '3EB0B4AC35A20A0002F1A8', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:20:26.942723+00', NULL, NULL);
INSERT INTO public.messages VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1fcd-701c-aee1-309b721f7b68', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a20710-1f42-7485-aeec-86fc9da409b4', 'outbound', 'text', NULL, 'Reply 3 of the last moments.', NULL, '3EB03D32F4BB81E34A4950', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', NULL, '2026-11-23 06:20:26.957937+00', NULL, NULL);
INSERT INTO public.new_contact_sends VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', '01a2070f-6e3c-745a-b9c7-7e1f8f344f81', '2026-11-23 06:19:41.516946+00');
INSERT INTO public.new_contact_sends VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6fb3-72c9-98ce-b00b69981cda', '01a2070f-6cd6-7042-a60c-a786cdec004b', '2026-11-23 06:20:06.513868+00');
INSERT INTO public.new_contact_sends VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6fb3-72c9-98ce-b00b69981cda', '01a2070f-6ce0-754c-b556-2d9e84e6118f', '2026-11-23 06:19:46.394015+00');
INSERT INTO public.new_contact_sends VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', '01a2070f-6cd6-7042-a60c-a786cdec004b', '2026-11-23 06:20:26.565527+00');
INSERT INTO public.new_contact_sends VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', '01a2070f-6cd6-7042-a60c-a786cdec004b', '2026-11-23 06:20:26.615328+00');
INSERT INTO public.new_contact_sends VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', '01a2070f-6cd6-7042-a60c-a786cdec004b', '2026-11-23 06:20:26.6705+00');
INSERT INTO public.new_contact_sends VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', '01a2070f-6cd6-7042-a60c-a786cdec004b', '2026-11-23 06:20:26.718571+00');
INSERT INTO public.new_contact_sends VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', '01a2070f-6ce0-754c-b556-2d9e84e6118f', '2026-11-23 06:20:26.59096+00');
INSERT INTO public.new_contact_sends VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', '01a2070f-6ce0-754c-b556-2d9e84e6118f', '2026-11-23 06:20:26.646316+00');
INSERT INTO public.new_contact_sends VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', '01a2070f-6ce0-754c-b556-2d9e84e6118f', '2026-11-23 06:20:26.697016+00');
INSERT INTO public.new_contact_sends VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', '01a2070f-6ce0-754c-b556-2d9e84e6118f', '2026-11-23 06:20:26.749517+00');
INSERT INTO public.new_contact_sends VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a2070f-6cd6-7042-a60c-a786cdec004b', '2026-11-23 06:20:26.796869+00');
INSERT INTO public.new_contact_sends VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a2070f-6cd6-7042-a60c-a786cdec004b', '2026-11-23 06:20:26.848548+00');
INSERT INTO public.new_contact_sends VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a2070f-6cd6-7042-a60c-a786cdec004b', '2026-11-23 06:20:26.897179+00');
INSERT INTO public.new_contact_sends VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a2070f-6cd6-7042-a60c-a786cdec004b', '2026-11-23 06:20:26.941914+00');
INSERT INTO public.new_contact_sends VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a2070f-6ce0-754c-b556-2d9e84e6118f', '2026-11-23 06:20:26.824284+00');
INSERT INTO public.new_contact_sends VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a2070f-6ce0-754c-b556-2d9e84e6118f', '2026-11-23 06:20:26.866981+00');
INSERT INTO public.new_contact_sends VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a2070f-6ce0-754c-b556-2d9e84e6118f', '2026-11-23 06:20:26.921992+00');
INSERT INTO public.new_contact_sends VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a2070f-6ce0-754c-b556-2d9e84e6118f', '2026-11-23 06:20:26.957265+00');
INSERT INTO public.nodes VALUES ('2f2e9568-2842-44e0-8913-3f389a73361d', 'previous', '0.1.0', '2026-11-23 06:19:39.507924+00', '2026-11-23 06:20:24.579259+00', '2026-11-23 06:20:34.57926+00', NULL);
INSERT INTO public.nodes VALUES ('aa1c7ffd-9343-4196-a679-c8817164cee1', 'previous', '0.1.0', '2026-11-23 06:19:39.264245+00', '2026-11-23 06:19:39.269352+00', '2026-11-23 06:19:49.269353+00', '2026-11-23 06:19:39.29331+00');
INSERT INTO public.notes VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '79ffbda3-cc2a-4379-bd9d-b0ff19d54bae', '01a2070f-6e40-703a-91ec-1452630fe525', '01a2070f-6f94-7073-afff-a5836b5e1643', 'Called, will call again.', '2026-11-23 06:19:41.853996+00');
INSERT INTO public.one_time_codes VALUES ('01a2070f-66a7-7d9b-8851-a051123898ac', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'verify_email', '\x5bc1a86b9a6827380ec66e7ce51cbcd99012d2aa603ff64cb1490cdfb4fdbef1', 0, '2026-11-23 07:19:39.559715+00', NULL, '2026-11-23 06:19:39.559715+00');
INSERT INTO public.one_time_codes VALUES ('01a2070f-67ee-7647-8faf-46182d68661a', '01a2070f-67ee-7e0a-ad41-1911f57de4d4', 'verify_email', '\x66a78177227dcf424b1b7851d2e90c99fa0ab8f761dde3d38fa02cc2f070ca79', 0, '2026-11-23 07:19:39.886009+00', NULL, '2026-11-23 06:19:39.886009+00');
INSERT INTO public.organizations VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', 'Test', 3600, '2026-11-23 06:19:39.559715+00');
INSERT INTO public.organizations VALUES ('01a2070f-67ee-752f-8ce5-43bc74ac47cb', 'Never verified', 3600, '2026-11-23 06:19:39.886009+00');
INSERT INTO public.outbound VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6d4b-74e3-8df7-a3b4e1dcc730', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', '01a2070f-6cd8-7095-80bf-b760e7f40c8b', 1, '+4915550002002', '3EB0E7541F00DDA2E79B8F', 'read', NULL, NULL, 1, 1, '2026-11-23 06:19:41.269857+00', NULL, '2026-11-23 06:19:41.260832+00', NULL, '2026-11-23 07:19:41.260832+00', NULL, '2026-11-23 06:19:41.260832+00', '2026-11-23 06:19:41.283539+00', '2026-11-23 06:19:41.384393+00', NULL, NULL);
INSERT INTO public.outbound VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6e4d-72fd-88e4-2d146829ad01', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', '01a2070f-6e40-703a-91ec-1452630fe525', 1, '+4915550004004', '3EB0454D505EEE39527669', 'delivered', NULL, NULL, 1, 1, '2026-11-23 06:19:41.527362+00', NULL, '2026-11-23 06:19:41.519061+00', NULL, '2026-11-23 07:19:41.519061+00', NULL, '2026-11-23 06:19:41.519061+00', '2026-11-23 06:19:41.546397+00', '2026-11-23 06:19:41.596043+00', NULL, NULL);
INSERT INTO public.outbound VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6e74-73bf-9b72-bdebacc024bc', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', '01a2070f-6cd8-7095-80bf-b760e7f40c8b', 2, '+4915550002002', '3EB07C909176A8391A9170', 'delivered', NULL, NULL, 1, 1, '2026-11-23 06:19:41.564737+00', NULL, '2026-11-23 06:19:41.557533+00', NULL, '2026-11-23 07:19:41.557533+00', NULL, '2026-11-23 06:19:41.557533+00', '2026-11-23 06:19:41.584432+00', '2026-11-23 06:19:41.636531+00', NULL, NULL);
INSERT INTO public.outbound VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6ef8-75dc-8318-5408ced292f4', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', '01a2070f-6ce3-76f3-9e3f-0a9d6585999f', 1, '+4915550003003', '3EB0527003D0EB3BCCECBB', 'failed', 'message_malformed', 400, 1, 1, '2026-11-23 06:19:41.694105+00', NULL, '2026-11-23 06:19:41.689579+00', NULL, '2026-11-23 07:19:41.689579+00', NULL, '2026-11-23 06:19:41.689579+00', '2026-11-23 06:19:41.706475+00', '2026-11-23 06:19:41.706475+00', NULL, NULL);
INSERT INTO public.outbound VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-815a-738b-adbd-5f4d0175a731', '01a2070f-6fb3-72c9-98ce-b00b69981cda', '01a2070f-8156-729b-a9dd-a8b55676d265', 1, '+4915550003003', '3EB064EBB69C91AD9C8566', 'failed', 'discarded', NULL, 1, 1, '2026-11-23 06:19:46.402514+00', NULL, '2026-11-23 06:19:46.39527+00', '2026-11-23 06:20:06.416589+00', '2026-11-23 07:19:46.39527+00', NULL, '2026-11-23 06:19:46.39527+00', '2026-11-23 06:20:06.471175+00', '2026-11-23 06:20:06.471175+00', NULL, NULL);
INSERT INTO public.outbound VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-cff2-7240-952c-5cc4ceeaaf02', '01a2070f-6fb3-72c9-98ce-b00b69981cda', '01a2070f-cfe7-739e-b1d4-4fd73f0c320a', 1, '+4915550002002', '3EB007077335760F962481', 'unknown', NULL, NULL, 1, 1, '2026-11-23 06:20:06.522341+00', NULL, '2026-11-23 06:20:06.516781+00', '2026-11-23 06:20:26.533891+00', '2026-11-23 07:20:06.516781+00', NULL, '2026-11-23 06:20:06.516781+00', NULL, '2026-11-23 06:20:26.535924+00', NULL, NULL);
INSERT INTO public.outbound VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1e45-71b2-9477-51e311d468ab', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', '01a20710-1e41-7501-848d-a6622b04edae', 1, '+4915550002002', '3EB0A95B816286A7044325', 'sending', NULL, NULL, 1, 1, '2026-11-23 06:20:26.573601+00', '2026-11-23 06:20:46.570726+00', '2026-11-23 06:20:26.566419+00', NULL, '2026-11-23 07:20:26.566419+00', NULL, '2026-11-23 06:20:26.566419+00', NULL, '2026-11-23 06:20:26.573601+00', NULL, NULL);
INSERT INTO public.outbound VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1e5f-774b-abc7-55d99d5a5619', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', '01a20710-1e53-763a-b88d-0616128dde49', 1, '+4915550003003', '3EB0B7625B6DADBA03C69C', 'sending', NULL, NULL, 1, 1, '2026-11-23 06:20:26.602219+00', '2026-11-23 06:20:46.601252+00', '2026-11-23 06:20:26.594066+00', NULL, '2026-11-23 07:20:26.594066+00', NULL, '2026-11-23 06:20:26.594066+00', NULL, '2026-11-23 06:20:26.602219+00', NULL, NULL);
INSERT INTO public.outbound VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1e77-70f9-9b54-c5360c042361', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', '01a20710-1e41-7501-848d-a6622b04edae', 2, '+4915550002002', '3EB025D17BD0D2D0A7B0EA', 'queued', NULL, NULL, 0, NULL, NULL, NULL, '2026-11-23 06:20:26.616095+00', NULL, '2026-11-23 07:20:26.616095+00', NULL, '2026-11-23 06:20:26.616095+00', NULL, '2026-11-23 06:20:26.616095+00', NULL, NULL);
INSERT INTO public.outbound VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1e96-7745-bf0c-fe3c1e7c75c1', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', '01a20710-1e53-763a-b88d-0616128dde49', 2, '+4915550003003', '3EB08183EC88B7A1B151FE', 'queued', NULL, NULL, 0, NULL, NULL, NULL, '2026-11-23 06:20:26.647585+00', NULL, '2026-11-23 07:20:26.647585+00', NULL, '2026-11-23 06:20:26.647585+00', NULL, '2026-11-23 06:20:26.647585+00', NULL, NULL);
INSERT INTO public.outbound VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1eaf-72ef-a1b9-4836441eb0fc', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', '01a20710-1e41-7501-848d-a6622b04edae', 3, '+4915550002002', '3EB065ACB381475D5D3E0A', 'queued', NULL, NULL, 0, NULL, NULL, NULL, '2026-11-23 06:20:26.672918+00', NULL, '2026-11-23 07:20:26.672918+00', NULL, '2026-11-23 06:20:26.672918+00', NULL, '2026-11-23 06:20:26.672918+00', NULL, NULL);
INSERT INTO public.outbound VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1ec9-77e0-a7ca-823c0f69c6bc', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', '01a20710-1e53-763a-b88d-0616128dde49', 3, '+4915550003003', '3EB04B63AE89E3895937FD', 'queued', NULL, NULL, 0, NULL, NULL, NULL, '2026-11-23 06:20:26.700197+00', NULL, '2026-11-23 07:20:26.700197+00', NULL, '2026-11-23 06:20:26.700197+00', NULL, '2026-11-23 06:20:26.700197+00', NULL, NULL);
INSERT INTO public.outbound VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1edf-7610-8fe5-1c64706642cd', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', '01a20710-1e41-7501-848d-a6622b04edae', 4, '+4915550002002', '3EB02844B1E426015F4729', 'queued', NULL, NULL, 0, NULL, NULL, NULL, '2026-11-23 06:20:26.720335+00', NULL, '2026-11-23 07:20:26.720335+00', NULL, '2026-11-23 06:20:26.720335+00', NULL, '2026-11-23 06:20:26.720335+00', NULL, NULL);
INSERT INTO public.outbound VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1efe-7772-8e05-425f36f70148', '01a2070f-6fbb-74d2-9a6f-db861ccd9808', '01a20710-1e53-763a-b88d-0616128dde49', 4, '+4915550003003', '3EB05794FDD1E78A7B8543', 'queued', NULL, NULL, 0, NULL, NULL, NULL, '2026-11-23 06:20:26.75181+00', NULL, '2026-11-23 07:20:26.75181+00', NULL, '2026-11-23 06:20:26.75181+00', NULL, '2026-11-23 06:20:26.75181+00', NULL, NULL);
INSERT INTO public.outbound VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1f2d-71e1-9a0e-b80a556bca3a', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a20710-1f1e-7665-8b94-41b97f3829bd', 1, '+4915550002002', '3EB09DF28C914AFDD7160C', 'sending', NULL, NULL, 1, 1, '2026-11-23 06:20:26.806481+00', '2026-11-23 06:20:46.806142+00', '2026-11-23 06:20:26.799094+00', NULL, '2026-11-23 07:20:26.799094+00', NULL, '2026-11-23 06:20:26.799094+00', NULL, '2026-11-23 06:20:26.806481+00', NULL, NULL);
INSERT INTO public.outbound VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1f48-7520-8322-d012bcac8f59', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a20710-1f42-7485-aeec-86fc9da409b4', 1, '+4915550003003', '3EB07833D417CB35D13574', 'sending', NULL, NULL, 1, 1, '2026-11-23 06:20:26.834148+00', '2026-11-23 06:20:46.833609+00', '2026-11-23 06:20:26.824968+00', NULL, '2026-11-23 07:20:26.824968+00', NULL, '2026-11-23 06:20:26.824968+00', NULL, '2026-11-23 06:20:26.834148+00', NULL, NULL);
INSERT INTO public.outbound VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1f60-752e-8b3a-8284bdcdecd9', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a20710-1f1e-7665-8b94-41b97f3829bd', 2, '+4915550002002', '3EB015AF24240997053AD2', 'queued', NULL, NULL, 0, NULL, NULL, NULL, '2026-11-23 06:20:26.849352+00', NULL, '2026-11-23 07:20:26.849352+00', NULL, '2026-11-23 06:20:26.849352+00', NULL, '2026-11-23 06:20:26.849352+00', NULL, NULL);
INSERT INTO public.outbound VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1f73-7110-ab11-afa458e73ebf', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a20710-1f42-7485-aeec-86fc9da409b4', 2, '+4915550003003', '3EB0B6FBC597FDAD4BCC2A', 'queued', NULL, NULL, 0, NULL, NULL, NULL, '2026-11-23 06:20:26.868203+00', NULL, '2026-11-23 07:20:26.868203+00', NULL, '2026-11-23 06:20:26.868203+00', NULL, '2026-11-23 06:20:26.868203+00', NULL, NULL);
INSERT INTO public.outbound VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1f92-758b-a512-1dad2d192a25', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a20710-1f1e-7665-8b94-41b97f3829bd', 3, '+4915550002002', '3EB0553584C53E215D19B5', 'queued', NULL, NULL, 0, NULL, NULL, NULL, '2026-11-23 06:20:26.899527+00', NULL, '2026-11-23 07:20:26.899527+00', NULL, '2026-11-23 06:20:26.899527+00', NULL, '2026-11-23 06:20:26.899527+00', NULL, NULL);
INSERT INTO public.outbound VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1faa-768d-b684-396d867e8d48', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a20710-1f42-7485-aeec-86fc9da409b4', 3, '+4915550003003', '3EB098C3E53F0E6B3DC80B', 'queued', NULL, NULL, 0, NULL, NULL, NULL, '2026-11-23 06:20:26.923299+00', NULL, '2026-11-23 07:20:26.923299+00', NULL, '2026-11-23 06:20:26.923299+00', NULL, '2026-11-23 06:20:26.923299+00', NULL, NULL);
INSERT INTO public.outbound VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1fbe-703d-8239-eee2f722c6e9', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a20710-1f1e-7665-8b94-41b97f3829bd', 4, '+4915550002002', '3EB0B4AC35A20A0002F1A8', 'queued', NULL, NULL, 0, NULL, NULL, NULL, '2026-11-23 06:20:26.942723+00', NULL, '2026-11-23 07:20:26.942723+00', NULL, '2026-11-23 06:20:26.942723+00', NULL, '2026-11-23 06:20:26.942723+00', NULL, NULL);
INSERT INTO public.outbound VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a20710-1fcd-701c-aee1-309b721f7b68', '01a2070f-6ffa-70ce-9ca1-e8a54502c65b', '01a20710-1f42-7485-aeec-86fc9da409b4', 4, '+4915550003003', '3EB03D32F4BB81E34A4950', 'queued', NULL, NULL, 0, NULL, NULL, NULL, '2026-11-23 06:20:26.957937+00', NULL, '2026-11-23 07:20:26.957937+00', NULL, '2026-11-23 06:20:26.957937+00', NULL, '2026-11-23 06:20:26.957937+00', NULL, NULL);
INSERT INTO public.receipts VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6d63-739d-af1f-742fc192464e', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', '3EB0E7541F00DDA2E79B8F', 'accepted', NULL, 2, '2026-11-23 06:19:41.28+00', '2026-11-23 06:19:41.283539+00');
INSERT INTO public.receipts VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6d95-7782-9cd6-2c4fd7a610d0', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', '3EB0E7541F00DDA2E79B8F', 'delivered', NULL, 2, '2026-11-23 06:19:41.332+00', '2026-11-23 06:19:41.333658+00');
INSERT INTO public.receipts VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6dc8-7736-8d77-fb873bb557ed', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', '3EB0E7541F00DDA2E79B8F', 'read', NULL, 2, '2026-11-23 06:19:41.383+00', '2026-11-23 06:19:41.384393+00');
INSERT INTO public.receipts VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6e6a-7598-bd6d-a2a64aff7e2d', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', '3EB0454D505EEE39527669', 'accepted', NULL, 2, '2026-11-23 06:19:41.54+00', '2026-11-23 06:19:41.546397+00');
INSERT INTO public.receipts VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6e90-7423-bdda-651e4bd0542e', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', '3EB07C909176A8391A9170', 'accepted', NULL, 2, '2026-11-23 06:19:41.582+00', '2026-11-23 06:19:41.584432+00');
INSERT INTO public.receipts VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6e9c-7696-9b9c-402aa4f3f53c', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', '3EB0454D505EEE39527669', 'delivered', NULL, 2, '2026-11-23 06:19:41.591+00', '2026-11-23 06:19:41.596043+00');
INSERT INTO public.receipts VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6ec4-732b-930a-2856561545a2', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', '3EB07C909176A8391A9170', 'delivered', NULL, 2, '2026-11-23 06:19:41.633+00', '2026-11-23 06:19:41.636531+00');
INSERT INTO public.receipts VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-6f0b-7082-b091-0518a4e59566', '01a2070f-67ff-718e-b3a0-bc461d8a27eb', '3EB0527003D0EB3BCCECBB', 'rejected', 400, 2, '2026-11-23 06:19:41.706475+00', '2026-11-23 06:19:41.706475+00');
INSERT INTO public.refresh_tokens VALUES ('01a2070f-673c-7e8f-bad8-f9a26928facf', '01a2070f-673c-7e8f-bad8-f9a26928facf', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', '\xcfe8d6632c5fbd43ca7ceb36040d43c992cbb5ba57903c05cb706a3a076d6261', '2026-11-23 06:19:39.708452+00', '2026-12-23 06:19:39.708452+00', '2026-11-23 06:19:39.823637+00', '01a2070f-67af-7482-8318-6d68503a30fe', NULL);
INSERT INTO public.refresh_tokens VALUES ('01a2070f-67af-7482-8318-6d68503a30fe', '01a2070f-673c-7e8f-bad8-f9a26928facf', '01a2070f-66a7-7fc0-b5dd-2b6028aca003', '\xaf0cbdb2b4341889747100e20dbe84399da7cdc4ff130e61a86bb081d2eb7d49', '2026-11-23 06:19:39.823637+00', '2026-12-23 06:19:39.823637+00', NULL, NULL, NULL);
INSERT INTO public.unlinkings VALUES ('01a2070f-66a7-7efa-a9e4-78512cb64526', '01a2070f-7ff0-7288-b68a-e9a57b8a8d1a', '01a2070f-71b6-752f-9366-18d4a1b6d27b', '\x0564dde0534da0c62d79e5d8c1de5a99b8bcf7af89edb894822425b70441a0f5d5c7775b8e816784d64f9b4b4eb356fd56fcbe5c347d7b18a3ffe01f6f2858fad47f17d384baecac852b824cc707e665d1', 1, '2026-11-23 06:20:46.034157+00', '2026-11-23 06:19:46.034157+00');
INSERT INTO public.users VALUES ('01a2070f-66a7-7fc0-b5dd-2b6028aca003', 'owner-382acaf690ba45dbb8f80f8b6d8a3b37@example.test', 'Owner', '2026-11-23 06:19:39.628426+00', '2026-11-23 06:19:39.559715+00');
INSERT INTO public.users VALUES ('01a2070f-67ee-7e0a-ad41-1911f57de4d4', 'new@example.test', 'New', NULL, '2026-11-23 06:19:39.886009+00');
INSERT INTO public.users VALUES ('01a2070f-6f94-7073-afff-a5836b5e1643', 'agent@example.test', 'Agent', '2026-11-23 06:19:41.846178+00', '2026-11-23 06:19:41.846178+00');
ALTER TABLE ONLY public._sqlx_migrations
    ADD CONSTRAINT _sqlx_migrations_pkey PRIMARY KEY (version);
ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_token_hash_key UNIQUE (token_hash);
ALTER TABLE ONLY public.attachments
    ADD CONSTRAINT attachments_organization_id_storage_key_key UNIQUE (organization_id, storage_key);
ALTER TABLE ONLY public.attachments
    ADD CONSTRAINT attachments_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_organization_id_seq_key UNIQUE (organization_id, seq);
ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY public.billing
    ADD CONSTRAINT billing_pkey PRIMARY KEY (organization_id);
ALTER TABLE ONLY public.client_breakers
    ADD CONSTRAINT client_breakers_pkey PRIMARY KEY (provider, client_version);
ALTER TABLE ONLY public.contacts
    ADD CONSTRAINT contacts_organization_id_lid_key UNIQUE (organization_id, lid);
ALTER TABLE ONLY public.contacts
    ADD CONSTRAINT contacts_organization_id_phone_number_key UNIQUE (organization_id, phone_number);
ALTER TABLE ONLY public.contacts
    ADD CONSTRAINT contacts_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_organization_id_line_id_contact_id_key UNIQUE (organization_id, line_id, contact_id);
ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY public.idempotency
    ADD CONSTRAINT idempotency_pkey PRIMARY KEY (organization_id, user_id, endpoint, line_id, key);
ALTER TABLE ONLY public.line_commands
    ADD CONSTRAINT line_commands_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY public.line_credentials
    ADD CONSTRAINT line_credentials_pkey PRIMARY KEY (organization_id, line_id, namespace, key);
ALTER TABLE ONLY public.line_permissions
    ADD CONSTRAINT line_permissions_pkey PRIMARY KEY (organization_id, line_id, user_id);
ALTER TABLE ONLY public.line_transitions
    ADD CONSTRAINT line_transitions_pkey PRIMARY KEY (organization_id, line_id, version);
ALTER TABLE ONLY public.lines
    ADD CONSTRAINT lines_id_key UNIQUE (id);
ALTER TABLE ONLY public.lines
    ADD CONSTRAINT lines_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY public.live_events
    ADD CONSTRAINT live_events_organization_id_seq_key UNIQUE (organization_id, seq);
ALTER TABLE ONLY public.live_events
    ADD CONSTRAINT live_events_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY public.live_sequences
    ADD CONSTRAINT live_sequences_pkey PRIMARY KEY (organization_id);
ALTER TABLE ONLY public.local_credentials
    ADD CONSTRAINT local_credentials_pkey PRIMARY KEY (user_id);
ALTER TABLE ONLY public.login_failures
    ADD CONSTRAINT login_failures_pkey PRIMARY KEY (address_hash);
ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT memberships_pkey PRIMARY KEY (organization_id, user_id);
ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT memberships_user_id_key UNIQUE (user_id);
ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_organization_id_line_id_conversation_id_direction__key UNIQUE (organization_id, line_id, conversation_id, direction, provider_message_id);
ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY public.new_contact_sends
    ADD CONSTRAINT new_contact_sends_pkey PRIMARY KEY (organization_id, line_id, contact_id, at);
ALTER TABLE ONLY public.nodes
    ADD CONSTRAINT nodes_pkey PRIMARY KEY (incarnation);
ALTER TABLE ONLY public.notes
    ADD CONSTRAINT notes_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY public.one_time_codes
    ADD CONSTRAINT one_time_codes_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.organizations
    ADD CONSTRAINT organizations_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.outbound
    ADD CONSTRAINT outbound_organization_id_conversation_id_seq_key UNIQUE (organization_id, conversation_id, seq);
ALTER TABLE ONLY public.outbound
    ADD CONSTRAINT outbound_organization_id_line_id_provider_message_id_key UNIQUE (organization_id, line_id, provider_message_id);
ALTER TABLE ONLY public.outbound
    ADD CONSTRAINT outbound_pkey PRIMARY KEY (organization_id, message_id);
ALTER TABLE ONLY public.receipts
    ADD CONSTRAINT receipts_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY public.refresh_tokens
    ADD CONSTRAINT refresh_tokens_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.refresh_tokens
    ADD CONSTRAINT refresh_tokens_token_hash_key UNIQUE (token_hash);
ALTER TABLE ONLY public.unlinkings
    ADD CONSTRAINT unlinkings_pkey PRIMARY KEY (organization_id, id);
ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_email_key UNIQUE (email);
ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX api_tokens_active ON public.api_tokens USING btree (organization_id, line_id) WHERE (revoked_at IS NULL);
CREATE INDEX audit_log_by_type ON public.audit_log USING btree (organization_id, event_type, id DESC);
CREATE INDEX audit_log_unnumbered ON public.audit_log USING btree (id) WHERE (seq IS NULL);
CREATE INDEX conversations_newest ON public.conversations USING btree (organization_id, last_message_at DESC, id DESC);
CREATE INDEX conversations_newest_of_line ON public.conversations USING btree (organization_id, line_id, last_message_at DESC, id DESC);
CREATE INDEX conversations_of_assignee ON public.conversations USING btree (organization_id, assignee_user_id, last_message_at DESC, id DESC);
CREATE INDEX idempotency_age ON public.idempotency USING btree (created_at);
CREATE INDEX line_commands_due ON public.line_commands USING btree (expires_at) WHERE (state = ANY (ARRAY['queued'::text, 'running'::text]));
CREATE UNIQUE INDEX line_commands_key ON public.line_commands USING btree (organization_id, line_id, kind, requested_by, idempotency_key) WHERE (idempotency_key IS NOT NULL);
CREATE INDEX line_commands_latest ON public.line_commands USING btree (organization_id, line_id, kind, created_at DESC);
CREATE UNIQUE INDEX line_commands_open ON public.line_commands USING btree (organization_id, line_id, kind) WHERE (state = ANY (ARRAY['queued'::text, 'running'::text]));
CREATE INDEX lines_by_owner ON public.lines USING btree (owner_incarnation) WHERE (owner_incarnation IS NOT NULL);
CREATE INDEX lines_claimable ON public.lines USING btree (next_start_at) WHERE ((desired = 'running'::text) AND (archived_at IS NULL) AND (owner_incarnation IS NULL));
CREATE UNIQUE INDEX lines_creation_key ON public.lines USING btree (organization_id, created_by, creation_key) WHERE (creation_key IS NOT NULL);
CREATE UNIQUE INDEX lines_live_number ON public.lines USING btree (organization_id, phone_number) WHERE (archived_at IS NULL);
CREATE INDEX lines_outdated ON public.lines USING btree (id) WHERE ((state = 'failed'::text) AND ((state_detail ->> 'reason'::text) = 'client_outdated'::text) AND (owner_incarnation IS NULL) AND (archived_at IS NULL) AND (stopped_at IS NULL));
CREATE INDEX lines_to_unlink ON public.lines USING btree (next_start_at) WHERE ((archived_at IS NOT NULL) AND (owner_incarnation IS NULL));
CREATE INDEX lines_unowned ON public.lines USING btree (state) WHERE ((owner_incarnation IS NULL) AND (archived_at IS NULL) AND (stopped_at IS NULL));
CREATE INDEX live_events_age ON public.live_events USING btree (at);
CREATE INDEX live_events_unnumbered ON public.live_events USING btree (id) WHERE (seq IS NULL);
CREATE INDEX login_failures_age ON public.login_failures USING btree (updated_at);
CREATE INDEX messages_by_provider_id ON public.messages USING btree (organization_id, line_id, provider_message_id);
CREATE INDEX messages_newest ON public.messages USING btree (organization_id, conversation_id, id DESC);
CREATE INDEX messages_of_attachment ON public.messages USING btree (organization_id, attachment_id) WHERE (attachment_id IS NOT NULL);
CREATE INDEX new_contact_sends_recent ON public.new_contact_sends USING btree (organization_id, line_id, at);
CREATE INDEX nodes_alive ON public.nodes USING btree (heartbeat_until) WHERE (dead_at IS NULL);
CREATE INDEX notes_newest ON public.notes USING btree (organization_id, conversation_id, id DESC);
CREATE UNIQUE INDEX one_time_codes_open ON public.one_time_codes USING btree (user_id, purpose) WHERE (consumed_at IS NULL);
CREATE INDEX outbound_again ON public.outbound USING btree (line_id, next_attempt_at, conversation_id, seq) WHERE ((status = 'unknown'::text) AND (deadline_at IS NULL) AND (settled_at IS NULL));
CREATE INDEX outbound_attempts ON public.outbound USING btree (attempt_started_at) WHERE (deadline_at IS NOT NULL);
CREATE INDEX outbound_claim ON public.outbound USING btree (line_id, next_attempt_at, conversation_id, seq) WHERE (status = 'queued'::text);
CREATE INDEX outbound_expiry ON public.outbound USING btree (expires_at) WHERE (status = 'queued'::text);
CREATE INDEX outbound_in_flight ON public.outbound USING btree (line_id, deadline_at) WHERE (status = ANY (ARRAY['sending'::text, 'unknown'::text]));
CREATE INDEX outbound_open ON public.outbound USING btree (conversation_id, seq) WHERE (status = ANY (ARRAY['queued'::text, 'sending'::text, 'unknown'::text]));
CREATE INDEX outbound_resends ON public.outbound USING btree (line_id) WHERE (resend_ordered_at IS NOT NULL);
CREATE INDEX outbound_unsettled ON public.outbound USING btree (unknown_since) WHERE ((status = 'unknown'::text) AND (settled_at IS NULL));
CREATE UNIQUE INDEX receipts_once ON public.receipts USING btree (organization_id, line_id, provider_message_id, kind, generation);
CREATE INDEX refresh_tokens_expiry ON public.refresh_tokens USING btree (expires_at);
CREATE INDEX refresh_tokens_family ON public.refresh_tokens USING btree (family_id);
CREATE INDEX refresh_tokens_user ON public.refresh_tokens USING btree (user_id);
CREATE INDEX unlinkings_due ON public.unlinkings USING btree (due_at);
ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.users(id);
ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_organization_id_line_id_fkey FOREIGN KEY (organization_id, line_id) REFERENCES public.lines(organization_id, id);
ALTER TABLE ONLY public.attachments
    ADD CONSTRAINT attachments_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.users(id);
ALTER TABLE ONLY public.attachments
    ADD CONSTRAINT attachments_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id);
ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id);
ALTER TABLE ONLY public.billing
    ADD CONSTRAINT billing_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id);
ALTER TABLE ONLY public.contacts
    ADD CONSTRAINT contacts_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id);
ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_assignee_user_id_fkey FOREIGN KEY (assignee_user_id) REFERENCES public.users(id);
ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_organization_id_contact_id_fkey FOREIGN KEY (organization_id, contact_id) REFERENCES public.contacts(organization_id, id);
ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_organization_id_line_id_fkey FOREIGN KEY (organization_id, line_id) REFERENCES public.lines(organization_id, id);
ALTER TABLE ONLY public.idempotency
    ADD CONSTRAINT idempotency_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id);
ALTER TABLE ONLY public.idempotency
    ADD CONSTRAINT idempotency_organization_id_message_id_fkey FOREIGN KEY (organization_id, message_id) REFERENCES public.messages(organization_id, id);
ALTER TABLE ONLY public.idempotency
    ADD CONSTRAINT idempotency_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);
ALTER TABLE ONLY public.line_commands
    ADD CONSTRAINT line_commands_organization_id_line_id_fkey FOREIGN KEY (organization_id, line_id) REFERENCES public.lines(organization_id, id);
ALTER TABLE ONLY public.line_commands
    ADD CONSTRAINT line_commands_requested_by_fkey FOREIGN KEY (requested_by) REFERENCES public.users(id);
ALTER TABLE ONLY public.line_credentials
    ADD CONSTRAINT line_credentials_organization_id_line_id_fkey FOREIGN KEY (organization_id, line_id) REFERENCES public.lines(organization_id, id);
ALTER TABLE ONLY public.line_permissions
    ADD CONSTRAINT line_permissions_organization_id_line_id_fkey FOREIGN KEY (organization_id, line_id) REFERENCES public.lines(organization_id, id);
ALTER TABLE ONLY public.line_permissions
    ADD CONSTRAINT line_permissions_organization_id_user_id_fkey FOREIGN KEY (organization_id, user_id) REFERENCES public.memberships(organization_id, user_id);
ALTER TABLE ONLY public.line_permissions
    ADD CONSTRAINT line_permissions_set_by_fkey FOREIGN KEY (set_by) REFERENCES public.users(id);
ALTER TABLE ONLY public.line_transitions
    ADD CONSTRAINT line_transitions_organization_id_line_id_fkey FOREIGN KEY (organization_id, line_id) REFERENCES public.lines(organization_id, id);
ALTER TABLE ONLY public.lines
    ADD CONSTRAINT lines_assignee_user_id_fkey FOREIGN KEY (assignee_user_id) REFERENCES public.users(id);
ALTER TABLE ONLY public.lines
    ADD CONSTRAINT lines_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.users(id);
ALTER TABLE ONLY public.lines
    ADD CONSTRAINT lines_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id);
ALTER TABLE ONLY public.lines
    ADD CONSTRAINT lines_owner_incarnation_fkey FOREIGN KEY (owner_incarnation) REFERENCES public.nodes(incarnation);
ALTER TABLE ONLY public.live_events
    ADD CONSTRAINT live_events_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id);
ALTER TABLE ONLY public.live_sequences
    ADD CONSTRAINT live_sequences_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id);
ALTER TABLE ONLY public.local_credentials
    ADD CONSTRAINT local_credentials_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);
ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT memberships_organization_id_fkey FOREIGN KEY (organization_id) REFERENCES public.organizations(id);
ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT memberships_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);
ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_organization_id_attachment_id_fkey FOREIGN KEY (organization_id, attachment_id) REFERENCES public.attachments(organization_id, id);
ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_organization_id_conversation_id_fkey FOREIGN KEY (organization_id, conversation_id) REFERENCES public.conversations(organization_id, id);
ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_organization_id_line_id_fkey FOREIGN KEY (organization_id, line_id) REFERENCES public.lines(organization_id, id);
ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_sent_by_fkey FOREIGN KEY (sent_by) REFERENCES public.users(id);
ALTER TABLE ONLY public.new_contact_sends
    ADD CONSTRAINT new_contact_sends_organization_id_contact_id_fkey FOREIGN KEY (organization_id, contact_id) REFERENCES public.contacts(organization_id, id);
ALTER TABLE ONLY public.new_contact_sends
    ADD CONSTRAINT new_contact_sends_organization_id_line_id_fkey FOREIGN KEY (organization_id, line_id) REFERENCES public.lines(organization_id, id);
ALTER TABLE ONLY public.notes
    ADD CONSTRAINT notes_author_user_id_fkey FOREIGN KEY (author_user_id) REFERENCES public.users(id);
ALTER TABLE ONLY public.notes
    ADD CONSTRAINT notes_organization_id_conversation_id_fkey FOREIGN KEY (organization_id, conversation_id) REFERENCES public.conversations(organization_id, id);
ALTER TABLE ONLY public.one_time_codes
    ADD CONSTRAINT one_time_codes_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);
ALTER TABLE ONLY public.outbound
    ADD CONSTRAINT outbound_organization_id_conversation_id_fkey FOREIGN KEY (organization_id, conversation_id) REFERENCES public.conversations(organization_id, id);
ALTER TABLE ONLY public.outbound
    ADD CONSTRAINT outbound_organization_id_message_id_fkey FOREIGN KEY (organization_id, message_id) REFERENCES public.messages(organization_id, id);
ALTER TABLE ONLY public.receipts
    ADD CONSTRAINT receipts_organization_id_line_id_fkey FOREIGN KEY (organization_id, line_id) REFERENCES public.lines(organization_id, id);
ALTER TABLE ONLY public.refresh_tokens
    ADD CONSTRAINT refresh_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);
ALTER TABLE ONLY public.unlinkings
    ADD CONSTRAINT unlinkings_organization_id_line_id_fkey FOREIGN KEY (organization_id, line_id) REFERENCES public.lines(organization_id, id);
