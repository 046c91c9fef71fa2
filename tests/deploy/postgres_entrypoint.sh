#!/bin/sh
# The first start of PostgreSQL as the official image does it: a user, a database, a password by file.
# Begun as root it goes on as postgres; begun as postgres it needs no rights at all.
set -eu
as() { "$@"; }
mkdir -p "$PGDATA"
if [ "$(id -u)" = 0 ]; then
    as() { setpriv --reuid postgres --regid postgres --init-groups -- "$@"; }
    mkdir -p /var/run/postgresql
    chown -R postgres:postgres "$PGDATA" /var/run/postgresql
fi
as chmod 700 "$PGDATA"
if [ ! -e "$PGDATA/PG_VERSION" ]; then
    # shellcheck disable=SC2086 # arguments
    as initdb -D "$PGDATA" -U "$POSTGRES_USER" --pwfile "$POSTGRES_PASSWORD_FILE" -A scram-sha-256 -E UTF8 \
        ${POSTGRES_INITDB_ARGS:-}
    echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
    # Within the container anybody may ask whether it is ready.
    printf '%s\n' "CREATE DATABASE \"$POSTGRES_DB\"" | as postgres --single -D "$PGDATA" postgres
fi
if [ "$(id -u)" = 0 ]; then
    exec setpriv --reuid postgres --regid postgres --init-groups -- postgres -D "$PGDATA" -c "listen_addresses=*"
fi
exec postgres -D "$PGDATA" -c "listen_addresses=*"
