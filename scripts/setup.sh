#!/usr/bin/env bash
# Installs what `make run` and `make test` need beyond a Rust toolchain: the server programs of PostgreSQL and Redis.
# Nothing is started: the environment runs servers of its own. Safe to repeat.
set -euo pipefail

mode=${1:-}
missing=()
have_postgres() { command -v postgres >/dev/null && command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; }
have_redis() { command -v redis-server >/dev/null || command -v valkey-server >/dev/null; }
# `setup.sh run` needs no server that is given; tests always run on servers of their own.
given() { [[ ${mode} == run && -n $1 ]]; }
given "${DATABASE_URL:-}" || have_postgres || missing+=(postgresql)
given "${REDIS_URL:-}" || have_redis || missing+=(redis-server)
command -v setpriv >/dev/null || missing+=(util-linux)
# For building: a C compiler for the cryptography library, and cmake where no prebuilt code fits.
command -v cc >/dev/null || missing+=(build-essential)

if ((${#missing[@]} == 0)); then
    exit 0
fi

if [[ $(id -u) -ne 0 ]] || ! command -v apt-get >/dev/null; then
    {
        echo "setup: missing: ${missing[*]}"
        echo "  On Debian or Ubuntu:  sudo apt-get install --no-install-recommends ${missing[*]}"
        echo "  Elsewhere: install the PostgreSQL server (14 or newer) and Redis (6 or newer), with postgres, initdb and"
        echo "  redis-server in PATH; or use servers of your own through DATABASE_URL and REDIS_URL;"
        echo "  or run everything in containers: docker compose -f deploy/compose.yaml up"
    } >&2
    exit 1
fi

echo "setup: installing ${missing[*]}"
# The packages would make a cluster and start services. Both are held back for this installation only; what an
# administrator decided before stays as it is.
policy=/usr/sbin/policy-rc.d
made_policy=no
conf=/etc/postgresql-common/createcluster.d/ezw.conf
made_conf=no
if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    made_policy=yes
fi
restore() {
    if [[ $made_policy == yes ]]; then rm -f "$policy"; fi
    if [[ $made_conf == yes ]]; then rm -f "$conf"; fi
}
trap restore EXIT
if [[ ! -e /etc/postgresql-common/createcluster.conf ]]; then
    mkdir -p /etc/postgresql-common/createcluster.d
    printf '# Written by scripts/setup.sh of EZW Lines: private clusters only.\ncreate_main_cluster = false\n' \
        >"$conf"
    made_conf=yes
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
{ given "${DATABASE_URL:-}" || have_postgres; } && { given "${REDIS_URL:-}" || have_redis; } || { echo "setup: the packages are installed, but the servers are not found" >&2; exit 1; }
echo "setup: done"
