#!/bin/sh
# SPDX-License-Identifier: MIT
# Packs what was built and tests the package in a booted system: built_tree.sh WHICH BUILD_DIR MOCK_PROVIDER
# WHICH is deb, deb-trixie (the same package on Debian 13), readme (what README.md says, with the deb)
# or rpm. The base system of deb is made where it is missing; the others are skipped then, unless
# CCR_SYSTEM_BASES=make (./dev system).
set -eu
which=$1
build=$2
mock=$3
shift 3
. "$(dirname -- "$0")/checks.sh"

reasons=$("$here/bed.sh" why)
[ -z "$reasons" ] || skip "no booted systemd for this test: $(printf '%s' "$reasons" | tr '\n' ';')"
kind=${which%-*}
case $which in
deb) tool=dh ;;
readme) tool=dh kind=deb ;;
deb-*) tool=dh CCR_BED_SUITE=${which#deb-} && export CCR_BED_SUITE ;;
rpm) tool=rpmbuild CCR_BED_FLAVOUR=rpm && export CCR_BED_FLAVOUR ;;
esac
command -v $tool >/dev/null || skip "no $tool to make a package with: ./dev $kind installs it"
if [ "$which" != deb ] && [ "$which" != readme ] && [ "${CCR_SYSTEM_BASES:-}" != make ] && ! "$here/bed.sh" cached; then
    skip "no base system for $which yet: ./dev system makes it"
fi

# What this machine cannot do says nothing of the package.
"$here/bed.sh" make_base || skip "the base system for $which cannot be made here (above)"
trial=$(mktemp -d /var/tmp/ccr-bed.XXXXXX)
"$here/bed.sh" create "$trial" || {
    "$here/bed.sh" destroy "$trial"
    skip "a system does not boot in a container here (above)"
}
"$here/bed.sh" destroy "$trial"

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
if [ "$kind" = deb ]; then
    "$root/packaging/deb/pack_build.sh" "$build" "$out"
    test=deb_test.sh
    [ "$which" != readme ] || test=readme_test.sh
    "$here/$test" "$out"/ccr_*.deb "$mock" "$@"
else
    export CCR_BUILD_DIR="$build" # for the later release as well, to which the test upgrades
    "$root/packaging/rpm/build.sh" "$out" "$out/stage" >"$out/log" 2>&1 || {
        tail -n 40 "$out/log" >&2
        exit 1
    }
    "$here/rpm_test.sh" "$out"/ccr-*.rpm "$mock" "$@"
fi
