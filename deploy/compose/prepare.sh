#!/bin/sh
# Makes what a first start on one host needs and nobody should choose: passwords, as files that only
# the owner of their folder can reach, and keys and addresses for a trial on the sandbox platform.
#
#   sh deploy/compose/prepare.sh            into deploy/compose/secrets and deploy/compose/matrix
#   sh deploy/compose/prepare.sh FOLDER     into FOLDER/secrets and FOLDER/matrix
#
# What is there stays as it is: run it again after an upgrade, and only what is new is made.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
into=${1:-$here}
mkdir -p "$into/secrets" "$into/matrix"
chmod 700 "$into/secrets"

random() { od -An -N18 -tx1 /dev/urandom | tr -d ' \n'; }

# keep FILE TEXT: containers run as users of their own, so the files may be read, but not the folder.
keep() {
    if [ ! -e "$into/secrets/$1" ]; then
        printf '%s' "$2" >"$into/secrets/$1"
        chmod 444 "$into/secrets/$1"
        echo "made secrets/$1"
    fi
}

fleet=$(random)
store=$(random)
if [ ! -e "$into/secrets/valkey_users" ]; then
    # The fleet may read, write, wait and run its scripts; it may not stop, configure or empty the server.
    keep valkey_users "user default off
user fleet on >$fleet ~* &* -@all +@connection +@read +@write +@transaction +@pubsub +@scripting +time -@dangerous +info
user health on nopass -@all +ping
"
    keep doppelcast_redis_url "redis://fleet:$fleet@valkey:6379/0"
fi
if [ ! -e "$into/secrets/postgres_password" ]; then
    keep postgres_password "$store"
    keep doppelcast_store_url "postgresql+psycopg://doppelcast:$store@postgres:5432/doppelcast"
fi
keep flower_admin "admin:$(random)"
keep flower_viewer "viewer:$(random)"
keep grafana_password "$(random)"

# The demo's matrix, its endpoints moved to the sandbox platform, its keys files that only workers see.
if [ ! -e "$into/matrix/matrix.yaml" ]; then
    sed -e 's#rtmp://127\.0\.0\.1:#rtmp://sandbox:#' -e 's#env:DOPPELCAST_DEMO_KEY_#file:/run/keys/#' \
        "$here/../demo/matrix.yaml" >"$into/matrix/matrix.yaml"
    cp -r "$here/../demo/pictures" "$into/matrix/pictures"
    echo "made matrix/matrix.yaml"
fi
mkdir -p "$into/secrets/keys"
chmod 755 "$into/secrets/keys" "$into/matrix"
for name in $(sed -n 's#.*file:/run/keys/\([A-Za-z0-9_-]*\).*#\1#p' "$into/matrix/matrix.yaml"); do
    keep "keys/$name" "trial-$(random)"
done
