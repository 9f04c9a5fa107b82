#!/bin/sh
# SPDX-License-Identifier: MIT
# The AppArmor profile is read by AppArmor's own parser, with the abstractions that it includes, and
# complains only, as ccrd(8) says. No kernel is asked.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
profile=$root/packaging/apparmor/ccrd
parser=$(command -v apparmor_parser || command -v /usr/sbin/apparmor_parser) || {
    echo "SKIPPED: no apparmor_parser (Debian package apparmor): the profile is NOT tested" >&2
    exit 77
}
said=$("$parser" --skip-kernel-load --skip-cache --abort-on-error "$profile" 2>&1) || {
    printf '%s\n' "$said" >&2
    exit 1
}
[ "$("$parser" --names "$profile")" = ccrd ]
# The parser refuses what is no rule: else its silence above would say nothing.
broken=$(mktemp)
trap 'rm -f "$broken"' EXIT
sed 's,/usr/bin/ccrd mr,& nonsense,' "$profile" >"$broken"
if "$parser" --skip-kernel-load --skip-cache "$broken" 2>/dev/null; then
    echo "a broken profile was accepted" >&2
    exit 1
fi
grep -q '^profile ccrd flags=(complain) {$' "$profile"
