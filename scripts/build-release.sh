#!/usr/bin/env bash
# scripts/build-release.sh COMMIT builds the programs of that commit, apart from this checkout, and says where they are.
# Its sources and build results are in target/releases/COMMIT: what is there already is not built again.
set -euo pipefail
cd "$(dirname "$0")/.."

commit=$(git rev-parse --verify --quiet "${1:?which commit?}^{commit}") || {
    echo "build-release: there is no commit $1 here; a shallow clone needs \`git fetch --unshallow\`" >&2
    exit 1
}
place=$PWD/target/releases/$commit
if [[ ! -e $place/source/Cargo.toml ]]; then
    rm -rf "$place/source" "$place/source.new"
    mkdir -p "$place/source.new"
    git archive "$commit" | tar -x -C "$place/source.new"
    mv "$place/source.new" "$place/source"
fi
# The environment of the caller's own cargo must not lead this one to the caller's folder.
(cd "$place/source" && CARGO_TARGET_DIR="$place/target" SQLX_OFFLINE=true "${CARGO:-cargo}" build --quiet --workspace --bins >&2)
echo "$place"
