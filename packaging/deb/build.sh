#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds the Debian package of the committed tree: packaging/deb/build.sh [OUTPUT_DIR [STAGE_DIR]]
# Meant to be reproducible: times come from the commit.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
output=${1:-$root/build/packages}
stage=${2:-$root/build/deb}
SOURCE_DATE_EPOCH=$(git -C "$root" log -1 --format=%ct)
export SOURCE_DATE_EPOCH
# debhelper gives the build another home, where a compiler cache would be new each time.
if command -v ccache >/dev/null; then
    CCACHE_DIR=${CCACHE_DIR:-$(ccache --get-config cache_dir)}
    export CCACHE_DIR
fi

rm -rf "$stage"
mkdir -p "$stage/ccr" "$output"
git -C "$root" archive HEAD | tar -x -C "$stage/ccr"
mv "$stage/ccr/packaging/deb" "$stage/ccr/debian"
cp "$stage/ccr/packaging/systemd/ccr.sysusers" "$stage/ccr/debian/ccr.sysusers"
(cd "$stage/ccr" && dpkg-buildpackage --build=binary --unsigned-changes --unsigned-buildinfo >&2)
mv "$stage"/*.deb "$output/"
printf '%s\n' "$output"/ccr_*.deb
