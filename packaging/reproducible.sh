#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds a package twice, in two directories, under another umask, time zone and language each, without
# a compiler cache, and compares the bytes: packaging/reproducible.sh [deb|rpm]... (both by default)
# Exits with 1 and names the files that differ; they are kept then, and where is said.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
work=$(mktemp -d "${TMPDIR:-/var/tmp}/ccr-reproducible.XXXXXX")
different=0
trap '[ $different = 1 ] || rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
# A commit that comes in between is none of ours.
git clone --quiet --no-hardlinks "$root" "$work/source"
[ $# -gt 0 ] || set -- deb rpm

# build KIND NAME UMASK TZ LANG: the packages of the committed tree in $work/KIND/NAME.
build() {
    echo "reproducible: $1, build $2" >&2
    mkdir -p "$work/$1/$2"
    (
        umask "$3"
        CCACHE_DISABLE=1 TZ=$4 LANG=$5 LC_ALL=$5 \
            "$work/source/packaging/$1/build.sh" "$work/$1/$2" "$work/stage/$2" >"$work/log" 2>&1
    ) || {
        tail -n 40 "$work/log" >&2
        exit 1
    }
    rm -rf "$work/stage/$2"
}

for kind in "$@"; do
    case $kind in deb | rpm) ;; *)
        echo "reproducible: deb or rpm, not $kind" >&2
        exit 2
        ;;
    esac
    build "$kind" one 022 UTC C
    build "$kind" two/deeper 077 Pacific/Kiritimati C.UTF-8
    found=0
    for package in "$work/$kind/one"/*.*; do
        name=${package##*/}
        found=$((found + 1))
        if cmp "$package" "$work/$kind/two/deeper/$name" >&2; then
            echo "the same bytes: $name $(sha256sum <"$package" | cut -d' ' -f1)"
        else
            echo "DIFFERENT: $name"
            different=1
        fi
    done
    [ $found -gt 0 ] || {
        echo "reproducible: no $kind came out" >&2
        exit 1
    }
done
[ $different = 0 ] || echo "reproducible: compare what is in $work" >&2
exit $different
