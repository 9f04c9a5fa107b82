#!/bin/sh
# SPDX-License-Identifier: MIT
# run.sh PROGRAM WORK OPTION...: runs one fuzzer over its seeds, with its dictionary and the options
# (-max_total_time=20). The seeds are corpus/NAME and, where they fit, the golden data of the unit
# tests; what is found is kept below WORK.
set -eu

program=$1
work=$2
shift 2
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
data=$here/../data
name=${program##*/}

seeds=
[ ! -d "$here/corpus/$name" ] || seeds=$here/corpus/$name
dictionary=$here/$name.dict
case $name in
fuzz_http*) dictionary=$here/http.dict ;;
*_reply)
    seeds="$seeds $data/dialect/streams"
    dictionary=$here/dialects.dict
    ;;
*_request)
    seeds="$seeds $data/dialect/request"
    dictionary=$here/dialects.dict
    ;;
fuzz_config | fuzz_preset)
    seeds="$seeds $data/config"
    dictionary=$here/config.dict
    ;;
esac
[ ! -e "$dictionary" ] || set -- "$@" "-dict=$dictionary"

mkdir -p "$work/$name"
# shellcheck disable=SC2086  # a list of directories
exec "$program" "$@" -timeout=10 -rss_limit_mb=4096 -print_final_stats=1 \
    "-artifact_prefix=$work/$name-" "$work/$name" $seeds
