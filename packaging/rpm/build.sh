#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds the RPM package of the committed tree: packaging/rpm/build.sh [OUTPUT_DIR [STAGE_DIR]]
# Meant to be reproducible: times come from the commit.
# With CCR_BUILD_DIR=DIR it packs what was built there, of the working
# tree, for tests of the package in seconds.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
output=${1:-$root/build/packages}
stage=${2:-$root/build/rpm}
version=$(sed -n 's/^Version: *//p' "$root/packaging/rpm/ccr.spec")
SOURCE_DATE_EPOCH=$(git -C "$root" log -1 --format=%ct)
export SOURCE_DATE_EPOCH

rm -rf "$stage"
mkdir -p "$stage/SOURCES" "$output"
if [ -n "${CCR_BUILD_DIR:-}" ]; then
    (cd "$root" && tar -c --transform="s,^,ccr-$version/," -z -f "$stage/SOURCES/ccr-$version.tar.gz" \
        packaging docs README.md CHANGELOG.md LICENSE)
    set -- --define "ccr_build_dir $(CDPATH='' cd -- "$CCR_BUILD_DIR" && pwd)" \
        --define "ccr_release ${CCR_RPM_RELEASE:-1}" --define '_binary_payload w1.gzdio'
else
    git -C "$root" archive --prefix="ccr-$version/" -o "$stage/SOURCES/ccr-$version.tar.gz" HEAD
    set --
fi
set -- "$@" --define "_topdir $stage" --define 'use_source_date_epoch_as_buildtime 1' \
    --define 'clamp_mtime_to_source_date_epoch 1' --define '_buildhost localhost'
# Build requirements are rpms only on a distribution made of them.
if [ "$(rpm --eval '%{?_unitdir}')" = "" ]; then
    set -- "$@" --load="$root/packaging/rpm/macros.standin" --nodeps \
        --define "sysusers_source $root/packaging/systemd/ccr.sysusers" \
        --define 'debug_package %{nil}' --define 'ccr_cxx clang++-16' --define "_dbpath $stage/db"
fi
rpmbuild -bb "$@" "$root/packaging/rpm/ccr.spec" >&2
find "$stage/RPMS" -name '*.rpm' -exec mv {} "$output/" \;
printf '%s\n' "$output"/ccr-"$version"*.rpm
