#!/bin/sh
# SPDX-License-Identifier: MIT
# The Debian package on a really booted systemd: deb_test.sh CCR.deb MOCK_PROVIDER [CHECK...]
# CHECKs name functions of installed.sh to run instead of all.
set -eu
package=$1
mock=$2
shift 2
. "$(dirname -- "$0")/checks.sh"
. "$here/installed.sh"

# The same package under a later version, for upgrades.
next_version() {
    dpkg-deb -R "$package" "$bed/next"
    sed -i 's/^Version: .*/&.1/' "$bed/next/DEBIAN/control"
    dpkg-deb -b -Znone "$bed/next" "$bed/share/next.deb" >/dev/null
    rm -r "$bed/next"
}

check_upgrade() { under_way upgrade "dpkg -i /bed/next.deb"; }

bed_up
cp "$package" "$bed/share/ccr.deb"
cp "$mock" "$bed/share/mock"
cp "$here/connects.py" "$bed/share/"
next_version

check "the package installs" dpkg -i /bed/ccr.deb
check_life "$@"
removed_under_way 'dpkg -r ccr'
check_sh "removal keeps keys, state and the drop-in that tells of the keys" '
    [ -e /etc/systemd/system/ccrd.service.d/50-credentials.conf ]
    [ -n "$(ls /etc/ccr/credentials)" ]; [ -n "$(ls /var/lib/ccr)" ]'
check_gone "removal leaves the configuration and the state only" '^/etc/\|^/var/lib/\|doc-base'
check "the rest is purged" dpkg --purge ccr
check_sh "keys, their drop-in, state and cache are gone with their folders" '
    for place in /etc/ccr /etc/systemd/system/ccrd.service.d /var/lib/ccr /var/lib/private/ccr /var/cache/ccr /run/ccr; do
        if [ -e $place ]; then find $place; exit 1; fi
    done'
check_gone "nothing is left"
