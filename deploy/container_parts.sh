#!/bin/sh
# Debian's engine for the tests in real containers. Installs it where this is root; elsewhere says what
# to install: those tests then skip with that reason, and fail in CI.
set -eu
PATH="$PATH:/usr/sbin:/sbin"
parts=""
for tool in buildah podman runc netavark aardvark-dns catatonit debootstrap iptables; do
    command -v "$tool" >/dev/null 2>&1 || [ -x "/usr/lib/podman/$tool" ] || parts="$parts $tool"
done
if [ -z "$parts" ]; then exit 0; fi

cant() { echo "The tests in containers need an engine, and $1. Install as root: apt-get install$parts"; }

if [ "$(id -u)" != 0 ]; then cant "this user isn't root"; exit 0; fi
if ! command -v apt-get >/dev/null 2>&1; then cant "there is no apt-get"; exit 0; fi
echo "Installing for the tests in containers:$parts ..."
# shellcheck disable=SC2086 # a list of packages
if ! apt-get update -qq ||
    ! DEBIAN_FRONTEND=noninteractive apt-get install -o DPkg::Lock::Timeout=300 \
        -y -qq --no-install-recommends $parts >/dev/null; then
    cant "apt-get couldn't install it"
fi
