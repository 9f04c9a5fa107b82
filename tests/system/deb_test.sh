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
check "the package goes while connects go on" sh -c '
    python3 /bed/connects.py 3456 >/tmp/connects & dpkg -r ccr; kill -TERM $!; wait $!; cat /tmp/connects'
check_gone "removal leaves the configuration and the state only" '^/etc/\|^/var/lib/\|doc-base'
check "the rest is purged" dpkg --purge ccr
check_gone "nothing is left"
