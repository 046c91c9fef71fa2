#!/bin/sh
# Debian's nginx with the RTMP module and its Chromium judge some tests from outside, iproute2
# cuts a node off from Redis, the store is tested on PostgreSQL, too, Redis with TLS, Prometheus
# scrapes a fleet, and the runbook copies a store with sqlite3. Installs them where this is root;
# elsewhere says what to install: those tests then skip with that reason, and fail in CI.
set -eu
module=/usr/lib/nginx/modules/ngx_rtmp_module.so
parts=""
if ! command -v nginx >/dev/null 2>&1 || [ ! -e "$module" ]; then parts="nginx libnginx-mod-rtmp"; fi
if ! command -v chromium >/dev/null 2>&1 || ! command -v chromedriver >/dev/null 2>&1; then
    parts="$parts chromium chromium-driver"
fi
if ! command -v ip >/dev/null 2>&1; then parts="$parts iproute2"; fi
if ! command -v initdb >/dev/null 2>&1 && ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
    parts="$parts postgresql"
fi
if ! command -v redis-server >/dev/null 2>&1 || ! command -v openssl >/dev/null 2>&1; then
    parts="$parts redis-server openssl"
fi
if ! command -v prometheus >/dev/null 2>&1 || ! command -v promtool >/dev/null 2>&1; then
    parts="$parts prometheus"
fi
if ! command -v sqlite3 >/dev/null 2>&1; then parts="$parts sqlite3"; fi
if [ -z "$parts" ]; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing for the tests: $parts ..."
    had_nginx=$(command -v nginx || true)
    had_postgres=$(command -v psql || true)
    had_redis=$(command -v redis-server || true)
    had_prometheus=$(command -v prometheus || true)
    apt-get update -qq
    # shellcheck disable=SC2086 # a list of packages
    DEBIAN_FRONTEND=noninteractive apt-get install -o DPkg::Lock::Timeout=300 \
        -y -qq --no-install-recommends $parts >/dev/null
    # The tests start their own servers; the system's aren't needed.
    if [ -z "$had_nginx" ] && [ -x /usr/sbin/service ]; then service nginx stop >/dev/null 2>&1 || true; fi
    if [ -z "$had_postgres" ] && [ -x /usr/sbin/service ]; then
        service postgresql stop >/dev/null 2>&1 || true
    fi
    if [ -z "$had_redis" ] && [ -x /usr/sbin/service ]; then
        service redis-server stop >/dev/null 2>&1 || true
    fi
    if [ -z "$had_prometheus" ] && [ -x /usr/sbin/service ]; then
        service prometheus stop >/dev/null 2>&1 || true
    fi
else
    echo "Some tests need parts of the system. Install them as root: apt-get install $parts"
fi
