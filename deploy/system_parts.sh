#!/bin/sh
# Debian's nginx with the RTMP module judges some tests from outside. Installs it where this is root;
# elsewhere says what to install: those tests then skip with that reason, and fail in CI.
set -eu
module=/usr/lib/nginx/modules/ngx_rtmp_module.so
if command -v nginx >/dev/null 2>&1 && [ -e "$module" ]; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing nginx and its RTMP module for the tests ..."
    had_nginx=$(command -v nginx || true)
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nginx libnginx-mod-rtmp >/dev/null
    # The tests start their own server; the system's isn't needed.
    if [ -z "$had_nginx" ] && [ -x /usr/sbin/service ]; then service nginx stop >/dev/null 2>&1 || true; fi
else
    echo "Some tests need a real RTMP server. Install it as root: apt-get install nginx libnginx-mod-rtmp"
fi
