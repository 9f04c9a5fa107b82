# SPDX-License-Identifier: MIT
# What holds for the installed service, whichever package brought it: deb_test.sh and rpm_test.sh.
# shellcheck shell=sh

# The mock provider, and a configuration that uses it with a key. 50 pieces take five seconds.
configure() {
    inside systemd-run --quiet --unit=mock /bed/mock --port 4000
    inside sh -c 'cat >/etc/ccr/config.json' <<'JSON'
{
  // Comments stay.
  Providers: [{ name: "mock", api_base_url: "http://127.0.0.1:4000/v1/chat/completions",
    api_key: "${MOCK_KEY}", models: ["mock-echo", "mock:chunks=50;interval_ms=100"] }],
  Router: { default: "mock,mock-echo" }
}
JSON
    inside_sh 'cp /etc/ccr/config.json /tmp/good.json; useradd --create-home --groups ccr member; useradd --create-home stranger'
}

check_units() {
    check_sh "both sockets are enabled and listen" '
        systemctl is-enabled ccrd.socket ccrd-control.socket
        systemctl is-active ccrd.socket ccrd-control.socket'
    check_sh "a clean configuration serves" '
        curl -sfm 20 http://127.0.0.1:3456/health
        curl -sfm 20 --unix-socket /run/ccr/control.sock http://ccr/v1/status'
    check_sh "the service runs as its own user, ready, with its watchdog" '
        [ "$(stat -c %U "/proc/$(main_pid)")" = ccr ]
        [ "$(systemctl show -P WatchdogUSec ccrd)" = 30s ]
        [ "$(systemctl is-active ccrd)" = active ]'
    check_sh "files are for those they are meant for" '
        [ "$(stat -c "%U:%G %a" /etc/ccr)" = "root:ccr 750" ]
        [ "$(stat -c "%U:%G %a" /etc/ccr/config.json)" = "root:ccr 640" ]
        [ "$(stat -c "%U:%G %a" /etc/ccr/credentials)" = "root:root 700" ]
        [ "$(stat -c "%U:%G %a" /run/ccr/control.sock)" = "root:ccr 660" ]
        [ "$(stat -Lc "%U:%G %a" /var/lib/ccr)" = "ccr:ccr 700" ]'
    check_sh "systemd has nothing to say about the units" '
        expect 0 systemd-analyze verify ccrd.service ccrd.socket ccrd-control.socket
        [ ! -s /tmp/said ]
        expect 0 env XDG_RUNTIME_DIR=/tmp systemd-analyze --user verify ccrd.service ccrd.socket ccrd-control.socket
        [ ! -s /tmp/said ]'
    check "the exposure is 1.1 or less" systemd-analyze security --no-pager --threshold=11 ccrd.service
    check_sh "manual pages and completions are there" '
        for page in "1 ccr" "5 ccr-config" "8 ccrd"; do man -w $page; done
        for file in bash-completion/completions/ccr zsh/vendor-completions/_ccr fish/vendor_completions.d/ccr.fish; do
            [ -s /usr/share/$file ] || [ -s "/usr/share/$(echo $file | sed s/vendor-completions/site-functions/)" ]
        done'
}

check_activation() {
    check_sh "the first connect starts the service, which answers" '
        systemctl daemon-reload; systemctl stop ccrd.service
        ask | grep -q message_stop
        systemctl is-active ccrd.service'
    check_sh "the control socket starts it as well" '
        systemctl stop ccrd.service
        curl -sfm 20 --unix-socket /run/ccr/control.sock http://ccr/v1/status
        systemctl is-active ccrd.service'
}

check_credential() {
    check_sh "a key is stored by ccr key add, from its input" '
        printf canary-4711 | ccr key add MOCK_KEY
        systemctl daemon-reload; systemctl restart ccrd.service
        expect 0 ccr key list
        said MOCK_KEY; silent canary
        [ -z "$(find /etc/ccr/credentials -type f ! -perm 0600 -o -type f ! -user root)" ]'
    check_sh "the provider gets it" '
        ask | grep -q message_stop
        curl -sm 20 http://127.0.0.1:4000/_mock/requests | grep -q canary-4711'
    check_sh "it is shown nowhere" '
        { journalctl -u ccrd.service; systemctl show ccrd.service; systemctl status ccrd.service
          tr "\0" "\n" <"/proc/$(main_pid)/cmdline"; tr "\0" "\n" <"/proc/$(main_pid)/environ"
          ccr status; ccr status --json; ccr usage --json; ccr latencies --json; ccr config show
          curl -sm 20 --unix-socket /run/ccr/control.sock http://ccr/v1/config
          curl -sm 20 http://127.0.0.1:3456/metrics; curl -sm 20 http://127.0.0.1:3456/v1/models
        } >/tmp/shown 2>&1 || true
        [ "$(wc -c </tmp/shown)" -gt 2000 ]
        if grep canary-4711 /tmp/shown; then exit 1; fi
        if grep -rl canary-4711 /var/lib /var/log /run/ccr /etc/systemd 2>/dev/null; then exit 1; fi'
    check_sh "an abort leaves no core file" '
        pid=$(main_pid)
        grep -q "^Max core file size *0 *0 " "/proc/$pid/limits"
        kill -ABRT "$pid"
        until_true sh -c "! kill -0 $pid 2>/dev/null"
        [ -z "$(find / -xdev -name "core*" -newer /tmp/shown -type f -size +100k 2>/dev/null)" ]
        ask | grep -q message_stop'
}

check_commands() {
    check_sh "ccr status tells what runs" '
        expect 0 ccr status
        said mock; said /etc/ccr/config.json
        expect 0 ccr status --json
        said "\"pid\":$(main_pid),"'
    check_sh "ccr usage tells what was served" '
        expect 0 ccr usage
        said mock
        expect 0 ccr usage --json
        said "\"total_requests\":[1-9]"'
    check_sh "ccr logs shows the journal" 'expect 0 ccr logs -n 20; said listening'
    check_sh "ccr stop, status, start, restart" '
        expect 0 ccr stop
        [ "$(systemctl is-active ccrd.service)" = inactive ]
        expect 3 ccr status
        [ "$(systemctl is-active ccrd.service)" = inactive ]
        expect 0 ccr start
        expect 0 ccr status
        before=$(main_pid)
        expect 0 ccr restart
        [ "$(main_pid)" != "$before" ]'
    check_sh "who is in the group ccr may, another may not" '
        expect 0 runuser -u member -- ccr status
        said mock
        expect 0 runuser -u member -- ccr usage
        expect 0 runuser -u member -- ccr reload
        expect 4 runuser -u stranger -- ccr --system usage
        said "group ccr"
        expect 4 runuser -u stranger -- ccr --system reload
        expect 7 runuser -u stranger -- curl -sm 20 --unix-socket /run/ccr/control.sock http://ccr/v1/status
        expect 1 runuser -u stranger -- cat /etc/ccr/config.json'
}

check_reload() {
    check_sh "a good configuration is reloaded, and what changed is told" '
        sed -i "s/Router: {/Router: { longContextThreshold: 50000,/" /etc/ccr/config.json
        expect 0 ccr reload
        said Router
        systemctl reload ccrd.service
        expect 0 ccr explain --model x; said mock-echo'
    check_sh "a bad one is a failed reload with its place, and the old one serves" '
        pid=$(main_pid)
        echo "{ Router: 7" >/etc/ccr/config.json
        if ccr reload >/tmp/said 2>&1; then exit 1; fi
        cat /tmp/said
        said "config.json:[0-9]*:[0-9]*"
        if systemctl reload ccrd.service; then exit 1; fi
        [ "$(systemctl is-active ccrd.service)" = active ]
        [ "$(main_pid)" = "$pid" ]
        ask | grep -q message_stop
        cat /tmp/good.json >/etc/ccr/config.json
        systemctl reload ccrd.service'
    check_sh "a start with a bad one ends once, and ccr start tells why" '
        echo "{ Router: 7" >/etc/ccr/config.json
        systemctl stop ccrd.service
        if ccr start >/tmp/said 2>&1; then exit 1; fi
        cat /tmp/said
        said "config.json:[0-9]*:[0-9]*"
        [ "$(systemctl show -P ExecMainStatus ccrd)" = 78 ]
        cat /tmp/good.json >/etc/ccr/config.json
        systemctl reset-failed "ccrd*"
        expect 0 ccr start
        ask | grep -q message_stop'
}

# host_pid PID: what is PID inside, as it is called out here.
host_pid() {
    leader=$("$here/bed.sh" leader "$bed")
    for status in /proc/[0-9]*/status; do
        if grep -qs "^NSpid:.*[[:space:]]$1\$" "$status" &&
            [ "$(readlink "${status%status}ns/pid")" = "$(readlink "/proc/$leader/ns/pid")" ]; then
            status=${status%/status}
            echo "${status#/proc/}"
            return
        fi
    done
    return 1
}

check_watchdog() {
    inside_sh 'mkdir -p /run/systemd/system/ccrd.service.d
        printf "[Service]\nWatchdogSec=2s\n" >/run/systemd/system/ccrd.service.d/watchdog.conf
        systemctl daemon-reload; systemctl restart ccrd.service'
    recovers='
        until_true sh -c "[ \$(systemctl show -P MainPID ccrd) != $pid ]"
        journalctl -u ccrd.service -o cat --since=-15s | grep "Watchdog timeout"
        ask | grep -q message_stop'
    check_sh "a stopped process is killed by the watchdog and comes back; who connects is served" \
        "pid=\$(main_pid); kill -STOP \$pid; $recovers"
    pid=$(inside systemctl show -P MainPID ccrd.service)
    python3 "$here/freeze_thread.py" "$(host_pid "$pid")" >"$bed/frozen" &
    freezer=$!
    check_sh "so is one whose loop hangs, one of several" "pid=$pid; $recovers"
    kill "$freezer" 2>/dev/null || true
    wait "$freezer" 2>/dev/null || true
    grep -q '^frozen ' "$bed/frozen" || fail "one thread was held"
    inside_sh 'rm -r /run/systemd/system/ccrd.service.d; systemctl daemon-reload; systemctl restart ccrd.service'
}

# Five live streams of five seconds each, and connects all the time where the service comes back.
check_drain() {
    check_sh "SIGTERM: live streams end, none is cut" '
        streams=; for i in 1 2 3 4 5; do ask "mock,mock:chunks=50;interval_ms=100" >/tmp/stream.$i & streams="$streams $!"; done
        for i in 1 2 3 4 5; do until_true grep -qs content_block_delta /tmp/stream.$i; done
        systemctl kill --kill-whom=main -s TERM ccrd.service
        until_true sh -c "systemctl show -P StatusText ccrd | grep -qi drain"
        for stream in $streams; do wait $stream; done
        for i in 1 2 3 4 5; do grep -q message_stop /tmp/stream.$i; done
        until_true [ "$(systemctl is-active ccrd.service)" != active ]
        [ "$(systemctl show -P Result ccrd)" = success ]'
}
under_way() {
    check_sh "$1: no live stream is cut, no connect refused" '
        ask | grep -q message_stop
        streams=; for i in 1 2 3 4 5; do ask "mock,mock:chunks=50;interval_ms=100" >/tmp/stream.$i & streams="$streams $!"; done
        python3 /bed/connects.py 3456 >/tmp/connects & connects=$!
        until_true grep -q begun /tmp/connects
        for i in 1 2 3 4 5; do until_true grep -qs content_block_delta /tmp/stream.$i; done
        before=$(main_pid)
        '"$2"'
        for stream in $streams; do wait $stream; done
        for i in 1 2 3 4 5; do grep -q message_stop /tmp/stream.$i || { tail -c 300 /tmp/stream.$i; exit 1; }; done
        ask | grep -q message_stop
        kill -TERM $connects; wait $connects; cat /tmp/connects
        grep -q " refused=0 failed=0 hung=0 late=0 " /tmp/connects
        [ "$(main_pid)" != "$before" ]'
    sed -n 's/^served=/     served=/p' "$bed/out"
}

# removed_under_way COMMAND: the package goes while connects go on. They are served, then refused;
# nothing of it comes back for one of them, and none is left waiting.
removed_under_way() {
    check_sh "the package goes while connects go on: they are refused then, and none hangs" '
        ask | grep -q message_stop
        python3 /bed/connects.py 3456 >/tmp/connects & connects=$!
        until_true grep -q begun /tmp/connects
        '"$1"'
        kill -TERM $connects; wait $connects; cat /tmp/connects
        grep -q " hung=0 late=0 " /tmp/connects
        grep -q " refused=[1-9]" /tmp/connects'
    sed -n 's/^served=/     served=/p' "$bed/out"
}

check_restart() { under_way restart "systemctl restart ccrd.service"; }

check_user_service() {
    check_sh "a user's own service: systemctl --user" '
        systemctl stop ccrd.socket ccrd-control.socket ccrd.service
        loginctl enable-linger member
        until_true test -S /run/user/$(id -u member)/bus
        home=$(getent passwd member | cut -d: -f6)
        install -d -o member -g member $home/.claude-code-router
        sed "s/[$]{MOCK_KEY}/a-key/" /tmp/good.json >$home/.claude-code-router/config.json
        chown member: $home/.claude-code-router/config.json
        cat >/tmp/as_member <<END
#!/bin/sh
exec runuser -u member -- env XDG_RUNTIME_DIR=/run/user/$(id -u member) HOME=$home "\$@"
END
        chmod +x /tmp/as_member
        /tmp/as_member systemctl --user enable --now ccrd.socket ccrd-control.socket
        ask | grep -q message_stop
        [ "$(stat -c "%U %a" /run/user/$(id -u member)/ccr/control.sock)" = "member 600" ]
        expect 0 /tmp/as_member ccr --user status
        said mock; said $home/.claude-code-router/config.json
        expect 0 /tmp/as_member ccr status
        expect 0 /tmp/as_member ccr reload
        /tmp/as_member systemctl --user reload ccrd.service
        expect 0 /tmp/as_member ccr stop
        [ "$(/tmp/as_member systemctl --user is-active ccrd.service)" = inactive ]
        ask | grep -q message_stop
        /tmp/as_member systemctl --user disable --now ccrd.socket ccrd-control.socket
        /tmp/as_member systemctl --user stop ccrd.service
        loginctl terminate-user member; loginctl disable-linger member
        systemctl start ccrd.socket ccrd-control.socket'
}

# Nothing of it runs, listens or lies about; the journal may remember, and so may what `keep` names.
check_gone() {
    check_sh "$1" '
        keep="'"${2:-nothing}"'"
        if grep -lsx ccrd /proc/[0-9]*/comm; then exit 1; fi
        if curl -sm 20 http://127.0.0.1:3456/health; then exit 1; fi
        if getent group | grep -q "^ccrd"; then exit 1; fi
        systemctl daemon-reload
        if systemctl list-unit-files --no-legend "ccr*" | grep .; then exit 1; fi
        if find / -xdev \( -path /proc -o -path /sys -o -path /bed -o -path /tmp -o -path /home -o -path /var/log -o -path /var/cache/man \) -prune \
            -o \( -name "*ccrd*" -o -name ccr -o -path "*/ccr/*" -o -name "ccr[.-]*" \) -print | grep -v -e "$keep" | grep .; then exit 1; fi'
}

# All that an installed package has to hold, up to its upgrade (check_upgrade is the package's own).
# With names, only those checks.
check_life() {
    if [ $# -gt 0 ]; then
        configure
        inside systemctl set-environment MOCK_KEY=a-key
        for name in "$@"; do "$name"; done
        exit
    fi
    check_units
    configure
    check_credential
    check_activation
    check_commands
    check_reload
    check_watchdog
    check_drain
    check_restart
    check_upgrade
    check_sh "an edited configuration survives the upgrade" 'cmp /tmp/good.json /etc/ccr/config.json'
    check_user_service
}
