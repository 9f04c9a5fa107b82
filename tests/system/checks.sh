# SPDX-License-Identifier: MIT
# For the scripts beside: a bed, and checks in it. Each check prints a line; the first that fails ends
# the run with what the machine said (CCR_KEEP_GOING=1: goes on).
# shellcheck shell=sh
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)

# Skipped as ctest knows it.
skip() {
    printf 'SKIPPED: %s\n' "$*" >&2
    exit 77
}

# bed_up: a booted bed in $bed, gone when the script ends.
bed_up() {
    reasons=$("$here/bed.sh" why)
    [ -z "$reasons" ] || skip "no booted systemd for this test: $(printf '%s' "$reasons" | tr '\n' ';')"
    bed=$(mktemp -d /var/tmp/ccr-bed.XXXXXX)
    trap '"$here/bed.sh" destroy "$bed"' EXIT
    trap 'exit 130' INT TERM
    "$here/bed.sh" create "$bed"
}

inside() { "$here/bed.sh" run "$bed" "$@"; }
inside_sh() { inside sh -c "$1"; }

# shellcheck disable=SC2034,SC2154  # seen from beside
passed=0
ok() {
    passed=$((passed + 1))
    printf 'ok %d - %s\n' "$passed" "$1"
}
fail() {
    printf 'not ok - %s\n' "$1" >&2
    inside journalctl --no-pager -n 40 -u 'ccrd*' >&2 || true
    [ -n "${CCR_KEEP_GOING:-}" ] || exit 1
}

# check WHAT COMMAND...: the command succeeds inside.
check() {
    what=$1
    shift
    if inside timeout 120 "$@" >"$bed/out" 2>&1 </dev/null; then
        ok "$what"
    else
        printf 'exit code %d; it said:\n' $? >&2
        cat "$bed/out" >&2
        fail "$what"
    fi
}
# check_sh WHAT SCRIPT: the same for a script; what it prints is seen only when it fails. `expect CODE
# COMMAND...` in it asks for an exit code, `said WORDS` for words in what the last `expect` printed.
check_sh() {
    check "$1" sh -euc '
        expect() {
            want=$1; shift; code=0
            "$@" >/tmp/said 2>&1 || code=$?
            cat /tmp/said
            [ "$code" = "$want" ] || { echo "exit code $code, expected $want: $*"; return 1; }
        }
        said() { grep -q -e "$1" /tmp/said || { echo "not said: $1"; return 1; }; }
        silent() { if grep -q -e "$1" /tmp/said; then echo "said: $1"; return 1; fi; }
        until_true() {
            tries=100
            until "$@"; do
                tries=$((tries - 1)); [ $tries -gt 0 ] || { echo "not within 10 s: $*"; return 1; }
                sleep 0.1
            done
        }
        main_pid() { systemctl show -P MainPID ccrd.service; }
        ask() {
            curl -sfN --max-time 60 "http://127.0.0.1:${port:-3456}/v1/messages" -H "content-type: application/json" \
                -d "{\"model\":\"${1:-x}\",\"max_tokens\":50,\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"
        }
        '"$2"
}
