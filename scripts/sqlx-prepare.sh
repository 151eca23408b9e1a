#!/usr/bin/env bash
# Refreshes .sqlx, the description of every checked query, from the migrations of this checkout.
#
# It runs a server of its own instead of `ezw dev exec`: a changed query makes the committed .sqlx wrong, so the `ezw`
# that would be needed for it can't be built at that moment. The macros write one file a query into SQLX_OFFLINE_DIR
# when they see a live DATABASE_URL (sqlx-macros-core, expand_with); cargo-sqlx isn't needed.
set -euo pipefail
cd "$(dirname "$0")/.."

binaries=$(dirname "$(command -v initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -n 1)")
folder=$(mktemp -d)
as_server=()
if [[ $(id -u) -eq 0 ]]; then
    user=$(id -u postgres 2>/dev/null || id -u nobody)
    group=$(id -g postgres 2>/dev/null || id -g nobody)
    chown "$user:$group" "$folder"
    as_server=(setpriv --reuid="$user" --regid="$group" --clear-groups --)
fi
stop() {
    (cd / && "${as_server[@]}" "$binaries/pg_ctl" -D "$folder/cluster" -m immediate stop >/dev/null 2>&1) || true
    rm -rf "$folder"
}
trap stop EXIT

# Reachable by a socket in a folder that only the server's user (and root) may enter; no network.
(cd / && "${as_server[@]}" "$binaries/initdb" -D "$folder/cluster" -U ezw --auth=trust -E UTF8 --locale=C.UTF-8 >/dev/null)
(cd / && "${as_server[@]}" "$binaries/pg_ctl" -D "$folder/cluster" -w -l "$folder/log" \
    -o "-c listen_addresses= -c unix_socket_directories=$folder" start >/dev/null)
psql=(psql -h "$folder" -U ezw -d postgres --no-psqlrc --quiet -v ON_ERROR_STOP=1)
for migration in migrations/[0-9]*.sql; do
    "${psql[@]}" --single-transaction -f "$migration"
done

fresh=$folder/sqlx
mkdir -m 755 "$fresh"
# The macros run when their crate is compiled, so it is made to look changed.
touch src/lib.rs
encoded=$(printf %s "$folder" | sed 's,/,%2F,g')
DATABASE_URL="postgres://ezw@localhost/postgres?host=$encoded" SQLX_OFFLINE=false SQLX_OFFLINE_DIR="$fresh" \
    cargo check --quiet --workspace --all-targets

rm -rf .sqlx
mkdir .sqlx
find "$fresh" -name 'query-*.json' -exec cp {} .sqlx/ \;
echo "sqlx-prepare: $(find .sqlx -name 'query-*.json' | wc -l) queries described in .sqlx; commit them"
