//! Migrations that the release before this one could not bear, one for each rule: they must be found. And those that it
//! bears, which must not be complained of.

use super::schema::migrated;

/// Each is found, in these words.
async fn assert_found(mistakes: &[(&str, &str)]) {
    let (kept, migrated) = migrated().await;
    for (migration, words) in mistakes {
        let complaints = kept.complaints(&migrated, migration).await;
        let found = complaints.iter().any(|complaint| complaint.contains(words));
        assert!(found, "`{migration}` was not found by `{words}`, only\n{}", complaints.join("\n"));
    }
}

#[tokio::test]
async fn a_migration_that_takes_away_what_the_previous_release_reads_is_found() {
    let mistakes = [
        ("alter table lines drop column last_ack_at", "lines.last_ack_at is gone"),
        (
            "alter table lines drop column last_ack_at",
            "a query fails: error returned from database: column l.last_ack_at",
        ),
        ("alter table outbound rename column recipient to addressee", "outbound.recipient is gone"),
        (
            "alter table outbound rename column recipient to addressee",
            "a query fails: error returned from database: column o.recipient",
        ),
        ("drop table client_breakers", "client_breakers.tripped_at is gone"),
        ("alter table contacts rename to people", "contacts.lid is gone"),
        ("alter table outbound alter column attempts type bigint", "attempts was integer and is bigint"),
        (
            "alter table outbound alter column attempts type bigint",
            "answered with attempts? as INT4 and does as INT8",
        ),
        ("alter table lines alter column since drop not null", "never had since null, which it may be"),
        ("drop index outbound_claim; delete from notes", "notes: a row is gone or changed"),
        ("update lines set epoch = epoch + 1", "lines: a row is gone or changed"),
        ("delete from _sqlx_migrations where version = 7", "_sqlx_migrations: a row is gone"),
    ];
    assert_found(&mistakes).await;
}

#[tokio::test]
async fn a_migration_that_refuses_what_the_previous_release_writes_is_found() {
    let mistakes = [
        (
            "alter table nodes add column zone text; update nodes set zone = 'a';
             alter table nodes alter column zone set not null",
            "nodes.zone is new and must be given",
        ),
        (
            "update lines set created_by = (select id from users limit 1) where created_by is null;
             alter table lines alter column created_by set not null",
            "lines.created_by must not be null any more",
        ),
        ("alter table outbound alter column attempts drop default", "outbound.attempts has lost its default"),
        (
            "alter table outbound drop constraint outbound_status_check,
                 add constraint outbound_status_check check (status in ('queued', 'sending', 'sent', 'delivered', 'read',
                                                                        'failed', 'unknown'))",
            "outbound_status_check is new for rows of before",
        ),
        (
            "alter table messages add constraint brief check (length(body_text) < 1000) not valid",
            "brief is new for rows of before",
        ),
        (
            "alter table nodes add column zone text, add constraint zoned check (zone is not null) not valid",
            "zoned refuses 2 rows",
        ),
        (
            "create unique index one_name on lines (organization_id, display_name, id)",
            "the unique index one_name is new",
        ),
        (
            "alter table lines add column slot int not null default 0;
             create unique index one_slot on lines (organization_id, id, slot)",
            "the unique index one_slot is new",
        ),
        (
            "alter table receipts add foreign key (organization_id) references organizations (id)",
            "receipts_organization_id_fkey is new for rows of before",
        ),
        (
            "create table zones (name text primary key, incarnation uuid references nodes (incarnation))",
            "keeps rows of nodes from being deleted",
        ),
        (
            "create function no() returns trigger language plpgsql as 'begin return null; end';
             create trigger never before insert on receipts for each row execute function no()",
            "the trigger never is new",
        ),
    ];
    assert_found(&mistakes).await;
}

#[tokio::test]
async fn a_migration_that_takes_away_what_makes_a_row_unique_is_found() {
    let mistakes = [
        ("drop index receipts_once", "the unique index receipts_once is gone"),
        (
            "alter table login_failures drop constraint login_failures_pkey",
            "no unique or exclusion constraint matching",
        ),
        (
            "drop index lines_live_number;
             create unique index lines_live_number on lines (phone_number) where archived_at is null",
            "the unique index lines_live_number is another",
        ),
    ];
    assert_found(&mistakes).await;
}

#[tokio::test]
async fn a_migration_that_only_expands_is_not_complained_of() {
    let (kept, migrated) = migrated().await;
    let expansions = [
        "alter table nodes add column zone text, add column weight integer not null default 1",
        "alter table lines add column zone text, add check (zone is null or length(zone) < 10)",
        "alter table outbound drop constraint outbound_status_check,
             add constraint outbound_status_check check (status in ('queued', 'sending', 'sent', 'delivered', 'read',
                                                                    'failed', 'unknown', 'expired', 'parked'))",
        "create table zones (name text primary key, incarnation uuid references nodes on delete cascade)",
        "create table labels (organization_id uuid references organizations (id), name text not null)",
        "alter table conversations add column ticket text;
         create unique index one_ticket on conversations (organization_id, ticket)",
        "create index lines_by_name on lines (display_name)",
        "alter table messages drop constraint messages_body_text_check",
    ];
    for expansion in expansions {
        let complaints = kept.complaints(&migrated, expansion).await;
        assert!(complaints.is_empty(), "`{expansion}`:\n{}", complaints.join("\n"));
    }
}
