#!/bin/sh
# The first start of PostgreSQL as the official image does it: a user, a database, a password by file.
set -eu
mkdir -p "$PGDATA" /var/run/postgresql
chown -R postgres:postgres "$PGDATA" /var/run/postgresql
chmod 700 "$PGDATA"
as() { setpriv --reuid postgres --regid postgres --init-groups -- "$@"; }
if [ ! -e "$PGDATA/PG_VERSION" ]; then
    as initdb -D "$PGDATA" -U "$POSTGRES_USER" --pwfile "$POSTGRES_PASSWORD_FILE" -A scram-sha-256 -E UTF8
    echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
    # Within the container anybody may ask whether it is ready.
    printf '%s\n' "CREATE DATABASE \"$POSTGRES_DB\"" | as postgres --single -D "$PGDATA" postgres
fi
exec setpriv --reuid postgres --regid postgres --init-groups -- postgres -D "$PGDATA" -c "listen_addresses=*"
