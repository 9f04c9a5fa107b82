#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds the RPM package of the committed tree: packaging/rpm/build.sh [OUTPUT_DIR]
# Reproducible: the same commit gives the same bytes.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
output=${1:-$root/build/packages}
stage=$root/build/rpm
version=$(sed -n 's/^Version: *//p' "$root/packaging/rpm/ccr.spec")
SOURCE_DATE_EPOCH=$(git -C "$root" log -1 --format=%ct)
export SOURCE_DATE_EPOCH

rm -rf "$stage"
mkdir -p "$stage/SOURCES" "$output"
git -C "$root" archive --prefix="ccr-$version/" -o "$stage/SOURCES/ccr-$version.tar.gz" HEAD
set -- --define "_topdir $stage" --define 'use_source_date_epoch_as_buildtime 1' \
    --define 'clamp_mtime_to_source_date_epoch 1' --define '_buildhost localhost'
# Build requirements are rpms only on a distribution made of them.
if [ -z "$(rpm --eval '%{?_unitdir}')" ]; then
    set -- "$@" --load="$root/packaging/rpm/macros.standin" --nodeps \
        --define "sysusers_source $root/packaging/systemd/ccr.sysusers" \
        --define 'debug_package %{nil}' --define 'ccr_cxx clang++-16' --define "_dbpath $stage/db"
fi
rpmbuild -bb "$@" "$root/packaging/rpm/ccr.spec"
find "$stage/RPMS" -name '*.rpm' -exec mv {} "$output/" \;
printf '%s\n' "$output"/ccr-"$version"*.rpm
