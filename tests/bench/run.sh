#!/bin/sh
# SPDX-License-Identifier: MIT
# The body of ./dev bench, which has installed and built what this needs: nginx, haproxy, python3
# and the release build of ccrd, ccr-bench and ccr-mock-provider.
set -eu
cd "$(dirname "$0")"
exec python3 -B bench.py "$@"
