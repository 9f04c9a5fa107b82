#!/bin/sh
# SPDX-License-Identifier: MIT
# README.md as a new user reads it, on a really booted Debian: readme_test.sh CCR.deb MOCK_PROVIDER
# What is run and what is expected to be said is taken out of README.md (readme.awk), so that neither
# can drift. Providers are a mock; sudo is a stub, as the user is root where README.md says sudo.
set -eu
package=$1
mock=$2
. "$(dirname -- "$0")/checks.sh"

readme() { awk -v want="$1" -f "$here/readme.awk" "$root/README.md"; }

# says WORDS: README.md has them, as code. What is compared below is what it says.
says() {
    grep -qF -e "$1" "$root/README.md" || {
        echo "README.md does not say this any more: $1" >&2
        exit 1
    }
}

bed_up
share=$bed/share
mkdir -p "$share/clone/build/packages"
cp "$package" "$share/clone/build/packages/"
cp "$mock" "$share/mock"
readme block:Install:sh:1 >"$share/install"
readme block:Install:sh:2 >"$share/user-units"
readme 'table:Live with it:1' >"$share/live"
readme block:Configure:json5:1 |
    sed -e 's,https://api.deepseek.com/,http://127.0.0.1:4000/v1/,' \
        -e 's,https://api.anthropic.com/,http://127.0.0.1:4000/,' >"$share/readme.json"
for file in install user-units live readme.json; do
    [ -s "$share/$file" ] || fail "README.md has what $file is made of"
done
[ "$(grep -c 127.0.0.1:4000 "$share/readme.json")" = 2 ] || fail "README.md's configuration has two providers"

# Types TEXT and a line end once a program in a terminal has said WORDS: typing WORDS TEXT PROGRAM...
cat >"$share/typing" <<'END'
#!/bin/sh
words=$1 text=$2
shift 2
mkfifo /tmp/keys.$$
: >/tmp/screen.$$
script -qefc "$*" /dev/null </tmp/keys.$$ >/tmp/screen.$$ &
exec 3>/tmp/keys.$$
tries=300
until grep -q -e "$words" /tmp/screen.$$; do
    tries=$((tries - 1))
    [ $tries -gt 0 ] || { cat /tmp/screen.$$; exit 99; }
    sleep 0.1
done
printf '%s' "$text" >&3
wait $!
code=$?
exec 3>&-
cat /tmp/screen.$$
rm -f /tmp/screen.$$ /tmp/keys.$$
exit $code
END
# The client, which writes down what it gets.
cat >"$share/claude" <<'END'
#!/bin/sh
{
    echo "url $ANTHROPIC_BASE_URL"
    echo "token $ANTHROPIC_AUTH_TOKEN"
    for word in "$@"; do echo "word <$word>"; done
} >/tmp/client
END
inside_sh 'printf "#!/bin/sh\nexec \"\$@\"\n" >/usr/local/bin/sudo
    printf "#!/bin/sh\ncat /bed/readme.json >\"\$1\"\n" >/usr/local/bin/sudoedit
    cp /bed/claude /bed/typing /usr/local/bin/
    chmod +x /usr/local/bin/*
    useradd --create-home newcomer
    systemd-run --quiet --unit=mock /bed/mock --port 4000'

# One line of the block each, in its order; what the comment behind it promises is looked for.
install_lines=$(wc -l <"$share/install")
[ "$install_lines" = 6 ] || fail "this test knows the six lines of README.md's Install"
line() { sed -n "$1p" "$share/install"; }
run_line() { check_sh "README: $(line "$1" | sed 's/  *#.*//')" "cd /bed/clone; expect 0 sh -c '$(line "$1")'; ${2:-}"; }
run_line 1
run_line 2 'said "{\"status\":\"ok\","'
run_line 3
line 4 | grep -q '^sudo ccr key add DEEPSEEK_API_KEY ' || fail "README.md adds the key of its own configuration"
check_sh "README: $(line 4 | sed 's/  *#.*//'), typed and not shown" "
    expect 0 typing 'not shown' 'sk-typed-4711
' $(line 4 | sed 's/  *#.*//')
    said DEEPSEEK_API_KEY; silent sk-typed"
run_line 5 'systemctl is-active ccrd'
run_line 6 'said deepseek; said /etc/ccr/config.json'
check_sh "the first answer comes from the provider, with the key that was typed" '
    ask | grep -q message_stop
    curl -sm 20 http://127.0.0.1:4000/_mock/requests | grep -q sk-typed-4711'

says '`ccr code` runs Claude Code against it'
check_sh "ccr code gives every word on as it is" '
    expect 0 ccr code -p "two  words" "" --json -v "it'\''s \$HOME"
    grep -qx "url http://127.0.0.1:3456" /tmp/client
    grep -qx "word <two  words>" /tmp/client
    grep -qx "word <>" /tmp/client
    grep -qx "word <--json>" /tmp/client
    grep -qx "word <it'\''s \$HOME>" /tmp/client
    [ "$(grep -c "^word" /tmp/client)" = 6 ]'
says 'eval "$(ccr activate)"'
check_sh "eval \"\$(ccr activate)\" sets up a shell" '
    eval "$(ccr activate)"
    claude
    grep -qx "url http://127.0.0.1:3456" /tmp/client'

# Live with it: every command of the table, as it stands there.
grep -v -e 'json:LINE' -e '^ccrd is not' -e '^control.sock:' -e '^is another' "$share/live" >"$share/commands"
[ "$(wc -l <"$share/commands")" -ge 18 ] || fail "README.md's table of commands is found"
while IFS= read -r command; do
    case $command in
    'ccr top') check_sh "README: ccr top, left by q" 'expect 0 typing "q quit" q ccr top' ;;
    'ccr doctor') check_sh "README: ccr doctor tells of each provider" '
        code=0; ccr doctor >/tmp/said || code=$?
        cat /tmp/said
        [ $code -le 1 ]; said "provider deepseek"; said "provider anthropic"' ;;
    *) check "README: $command" bash -c "$command" ;;
    esac
done <"$share/commands"

# The table of troubles: each is caused, and what is said compared with what stands there.
says '`config.json:LINE:COLUMN: ...` and the service ends with 78'
says "\`systemctl reset-failed 'ccrd*'\`"
check_sh "trouble: a configuration with an error, and the way out" '
    cp /etc/ccr/config.json /tmp/readme.json
    echo "{ PORT: true, Router: 7 }" >/etc/ccr/config.json
    systemctl restart ccrd || true
    until_true sh -c "[ \$(systemctl show -P ExecMainStatus ccrd) = 78 ]"
    journalctl -u ccrd -o cat >/tmp/said; said "config.json:1:[0-9]*: "
    expect 78 ccr check
    said ":1:9: "; said ":1:23: "
    cat /tmp/readme.json >/etc/ccr/config.json
    expect 0 ccr check
    systemctl reset-failed "ccrd*"
    expect 0 ccr start
    ask | grep -q message_stop'
says '`ccrd is not running; ccr start starts it`'
check_sh "trouble: it is not running" '
    systemctl stop ccrd.socket ccrd-control.socket ccrd.service
    expect 3 ccr usage
    said "ccrd is not running; ccr start starts it"
    expect 3 ccr status
    said "ccrd is not running; ccr start starts it"
    expect 0 ccr start'
says '`control.sock: permission denied` (exit code 4)'
says '`sudo usermod -aG ccr $USER`'
sed -n 's/.*`\(sudo usermod[^`]*\)`.*/\1/p' "$root/README.md" >"$share/usermod"
check_sh "trouble: no permission, and the way out" '
    expect 4 runuser -u newcomer -- ccr --system usage
    said "control.sock: permission denied"; said "usermod -aG ccr"
    USER=newcomer sh /bed/usermod
    expect 0 runuser -u newcomer -- ccr usage
    expect 0 runuser -u newcomer -- ccr status'
says '`is another ccrd running?`'
check_sh "trouble: somebody else has the port" '
    install -d -o newcomer /tmp/other
    sed "s/[$]{[A-Z_]*}/a-key/" /tmp/readme.json >/tmp/other/config.json
    chown newcomer /tmp/other/config.json
    code=0; runuser -u newcomer -- ccrd --control none --config /tmp/other/config.json >/tmp/said 2>&1 || code=$?
    cat /tmp/said
    [ $code != 0 ]
    said "is another ccrd running?"'

says '`PORT` in the configuration and `ListenStream=` in a drop-in of `ccrd.socket`'
check_sh "another port: PORT and a drop-in of the socket" '
    expect 0 ccr config set PORT 3999
    mkdir -p /etc/systemd/system/ccrd.socket.d
    printf "[Socket]\nListenStream=\nListenStream=127.0.0.1:3999\n" >/etc/systemd/system/ccrd.socket.d/port.conf
    systemctl daemon-reload
    systemctl stop ccrd.service; systemctl restart ccrd.socket
    port=3999 ask | grep -q message_stop
    expect 7 curl -sm 20 http://127.0.0.1:3456/health
    expect 0 ccr ui; said 127.0.0.1:3999
    rm -r /etc/systemd/system/ccrd.socket.d
    cat /tmp/readme.json >/etc/ccr/config.json
    systemctl daemon-reload
    systemctl stop ccrd.service; systemctl restart ccrd.socket'

says '`MemoryDenyWriteExecute=no` in a drop-in of `ccrd.service`'
node=$(command -v node || true)
[ -z "$node" ] || cp "$(readlink -f "$node")" "$share/node"
if [ -n "$node" ] && inside /bed/node --version >/dev/null 2>&1; then
    check_sh "a CUSTOM_ROUTER in JavaScript, with its drop-in" '
        cp /bed/node /usr/local/bin/node
        echo "module.exports = async () => \"deepseek,deepseek-reasoner\";" >/etc/ccr/router.js
        expect 0 ccr config set CUSTOM_ROUTER /etc/ccr/router.js
        mkdir -p /etc/systemd/system/ccrd.service.d
        printf "[Service]\nMemoryDenyWriteExecute=no\n" >/etc/systemd/system/ccrd.service.d/javascript.conf
        systemctl daemon-reload; systemctl restart ccrd.service
        body="{\"model\":\"x\",\"max_tokens\":5,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"
        asked() { curl -s -D - -m 20 -o /dev/null http://127.0.0.1:3456/v1/messages -H "content-type: application/json" -d "$body" >/tmp/head
            grep -qi "^x-ccr-model: deepseek-reasoner" /tmp/head && grep -qi "^x-ccr-route: custom" /tmp/head; }
        until_true asked
        rm /etc/systemd/system/ccrd.service.d/javascript.conf /etc/ccr/router.js
        cat /tmp/readme.json >/etc/ccr/config.json
        systemctl daemon-reload; systemctl restart ccrd.service'
else
    echo "SKIPPED: a CUSTOM_ROUTER in JavaScript: this machine has no node that runs in the bed" >&2
fi

says '`ccr config migrate FILE` prints it anew'
check_sh "a configuration of claude-code-router: as it is, and migrated" '
    cat >/tmp/node.json <<END
{ "LOG": true, "API_TIMEOUT_MS": "600000", "NON_INTERACTIVE_MODE": false,
  "Providers": [{ "name": "deepseek", "api_base_url": "http://127.0.0.1:4000/v1/chat/completions", "api_key": "sk-x",
    "models": ["deepseek-chat"], "transformer": { "use": ["deepseek"], "deepseek-chat": { "use": ["tooluse"] } } }],
  "Router": { "default": "deepseek,deepseek-chat", "longContextThreshold": 60000 }, "transformers": [{ "path": "/x/plugin.js" }] }
END
    expect 0 ccr config migrate /tmp/node.json -o /tmp/new.json
    said "dropped: transformers.0.: "
    expect 0 ccr check /tmp/new.json
    cat /tmp/new.json >/etc/ccr/config.json
    systemctl restart ccrd.service
    ask | grep -q message_stop
    cat /tmp/readme.json >/etc/ccr/config.json'

# For yourself only, after the system's service.
check_sh "README: $(cat "$share/user-units"), as a user" '
    systemctl stop ccrd.socket ccrd-control.socket ccrd.service
    loginctl enable-linger newcomer
    until_true test -S /run/user/$(id -u newcomer)/bus
    home=$(getent passwd newcomer | cut -d: -f6)
    install -d -o newcomer $home/.claude-code-router
    install -o newcomer -m 600 /tmp/other/config.json $home/.claude-code-router/config.json
    as_user() { runuser -u newcomer -- env XDG_RUNTIME_DIR=/run/user/$(id -u newcomer) HOME=$home "$@"; }
    as_user sh -c "$(cat /bed/user-units)"
    ask | grep -q message_stop
    expect 0 as_user ccr status; said $home/.claude-code-router/config.json
    as_user systemctl --user disable --now ccrd.socket ccrd-control.socket
    as_user systemctl --user stop ccrd.service
    loginctl terminate-user newcomer; loginctl disable-linger newcomer'
