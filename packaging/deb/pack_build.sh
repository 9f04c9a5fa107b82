#!/bin/sh
# SPDX-License-Identifier: MIT
# Packs an existing build of the working tree, for tests of the package in seconds; what is shipped
# comes from build.sh: packaging/deb/pack_build.sh BUILD_DIR OUTPUT_DIR
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
CCR_BUILD_DIR=$(CDPATH='' cd -- "$1" && pwd)
output=$(CDPATH='' cd -- "$2" && pwd)
export CCR_BUILD_DIR
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT

mkdir "$stage/ccr"
cp -r "$root/packaging" "$root/docs" "$root/README.md" "$root/CHANGELOG.md" "$stage/ccr/"
cp -r "$root/packaging/deb" "$stage/ccr/debian"
cp "$root/packaging/systemd/ccr.sysusers" "$stage/ccr/debian/ccr.sysusers"
cd "$stage/ccr"
DEB_BUILD_OPTIONS='noautodbgsym nocheck' debian/rules binary >"$stage/log" 2>&1 || {
    tail -n 40 "$stage/log" >&2
    exit 1
}
mv "$stage"/ccr_*.deb "$output/"
