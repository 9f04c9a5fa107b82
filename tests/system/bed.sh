#!/bin/sh
# SPDX-License-Identifier: MIT
# A really booted Debian with systemd as its first process, in a container without a network, for
# tests of units and packages:
#   bed.sh why           prints why this machine cannot do it; nothing when it can
#   bed.sh cached        succeeds when the base system is there already
#   bed.sh create BED    base system (made once, then cached) under an overlay, booted
#   bed.sh run BED CMD.. runs CMD inside as root; its output, input and exit code pass through
#   bed.sh leader BED    the process id, out here, of the first process inside
#   bed.sh destroy BED   powers off and removes everything; also after a crash
# BED is a directory of the caller's; BED/share is seen inside as /bed. CCR_BED_SUITE chooses another
# release, CCR_BED_FLAVOUR=rpm a base with rpm and dnf. The bases lie in $CCR_BED_CACHE (default:
# /var/cache/ccr-bed); a base is one to three hundred megabytes.
set -eu

suite=${CCR_BED_SUITE:-$(. /etc/os-release && echo "$VERSION_CODENAME")}
cache=${CCR_BED_CACHE:-/var/cache/ccr-bed}
flavour=${CCR_BED_FLAVOUR:-deb}
include=systemd,systemd-sysv,dbus,dbus-user-session,libpam-systemd,curl,ca-certificates,python3-minimal
include=$include,libssl3,zlib1g,libarchive13,libsqlite3-0,libstdc++6,libsystemd0,man-db
[ "$flavour" = deb ] || include=$include,rpm,dnf,createrepo-c
base=$cache/$suite-$flavour-$(printf '%s' "$include" | cksum | cut -d' ' -f1)

why() {
    [ "$(id -u)" = 0 ] || echo "not root"
    for tool in systemd-nspawn mmdebstrap nsenter unshare; do
        command -v "$tool" >/dev/null || echo "no $tool"
    done
    unshare --mount --pid --fork true 2>/dev/null || echo "this machine lets nobody make namespaces"
    cgroups probe | grep -q . || echo "no cgroup hierarchy of systemd's"
}

cached() { [ -d "$base" ]; }

die() {
    echo "bed: $*" >&2
    exit 1
}

# The archive and apt's settings are this machine's; neither stays in the base. Another release has
# the names of this one in the same archive.
sources() {
    here=$(. /etc/os-release && echo "$VERSION_CODENAME")
    # shellcheck disable=SC2016  # apt's own variables
    apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
        sort -u | while read -r uri release component; do
        case $release in "$here" | "$here"-*) echo "deb $uri $suite${release#"$here"} $component" ;; esac
    done
}

make_base() {
    if cached; then return 0; fi
    mkdir -p "$cache"
    list=$(mktemp)
    sources >"$list"
    [ -s "$list" ] || die "apt knows no archive of $suite"
    settings=$(mktemp)
    apt-config dump | grep '^Acquire::' >"$settings" || true
    rm -rf "$base.new"
    mmdebstrap --quiet --mode=root --variant=minbase --include="$include" --aptopt="$settings" \
        "$suite" "$base.new" "$list" >&2 || die "mmdebstrap failed (above)"
    rm -f "$base.new/etc/apt/sources.list" "$base.new"/etc/apt/apt.conf.d/99mmdebstrap \
        "$base.new"/var/lib/apt/lists/*_* "$list" "$settings"
    : >"$base.new/etc/machine-id"
    mv "$base.new" "$base"
}

machine() { echo "ccr-bed-$(printf '%s' "$1" | cksum | cut -d' ' -f1)"; }

# Cgroups of its own, so that beds side by side do not collide. Both hierarchies exist on hosts of
# the old layout, one on those of the new.
cgroups() {
    for tree in /sys/fs/cgroup/unified /sys/fs/cgroup/systemd /sys/fs/cgroup; do
        [ -f "$tree/cgroup.procs" ] && echo "$tree/$(machine "$1")"
    done
    return 0
}

leader() {
    pid=$(cat "$1/nspawn.pid") || return 1
    { tr ' ' '\n' <"/proc/$pid/task/$pid/children"; } 2>/dev/null | grep -m1 .
}

create() {
    bed=$1
    make_base
    mkdir -p "$bed/share" "$bed/upper" "$bed/work" "$bed/root"
    # An overlay on an overlay is refused by some kernels: then memory holds the upper layer.
    if ! mount -t overlay overlay -o "lowerdir=$base,upperdir=$bed/upper,workdir=$bed/work" \
        "$bed/root" 2>/dev/null; then
        mkdir -p "$bed/tmpfs"
        mount -t tmpfs tmpfs "$bed/tmpfs"
        mkdir -p "$bed/tmpfs/upper" "$bed/tmpfs/work"
        mount -t overlay overlay \
            -o "lowerdir=$base,upperdir=$bed/tmpfs/upper,workdir=$bed/tmpfs/work" "$bed/root"
    fi
    for group in $(cgroups "$bed"); do
        mkdir -p "$group"
    done
    (
        for group in $(cgroups "$bed"); do
            sh -c 'echo $PPID' >"$group/cgroup.procs" || true
        done
        SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 exec systemd-nspawn -q -D "$bed/root" \
            --machine="$(machine "$bed")" --register=no --keep-unit --private-network \
            --resolv-conf=off --bind="$bed/share:/bed" --system-call-filter='@keyring bpf' \
            --capability=CAP_BPF,CAP_PERFMON -b </dev/null >"$bed/console" 2>&1
    ) &
    echo $! >"$bed/nspawn.pid"
    await "$bed" 'is-system-running --wait' 60
}

# await BED 'SYSTEMCTL ARGS' SECONDS: until the manager inside answers.
await() {
    tries=$(($3 * 10))
    until pid=$(leader "$1") && nsenter -t "$pid" -a sh -c "systemctl $2" >/dev/null 2>&1; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || {
            tail -n 20 "$1/console" >&2
            die "the machine did not come up (console above)"
        }
        sleep 0.1
    done
}

run() {
    bed=$1
    shift
    pid=$(leader "$bed") || die "$bed is not running"
    nsenter -t "$pid" -a systemd-run --quiet --wait --collect --pipe --service-type=exec \
        --setenv=PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin -- "$@"
}

destroy() {
    bed=$1
    nspawn=$(cat "$bed/nspawn.pid" 2>/dev/null || echo)
    if [ -n "$nspawn" ]; then
        pid=$(leader "$bed") && kill -s RTMIN+4 "$pid" 2>/dev/null || true
        tries=100
        while kill -0 "$nspawn" 2>/dev/null && [ $tries -gt 0 ]; do
            tries=$((tries - 1))
            sleep 0.1
        done
        kill -KILL "$nspawn" 2>/dev/null || true
    fi
    umount "$bed/root" 2>/dev/null || umount -l "$bed/root" 2>/dev/null || true
    umount "$bed/tmpfs" 2>/dev/null || true
    for group in $(cgroups "$bed"); do
        find "$group" -depth -type d -exec rmdir {} \; 2>/dev/null || true
    done
    rm -rf "$bed"
}

command=${1:?usage: bed.sh why|cached|make_base|create|run|leader|destroy [BED] [CMD...]}
shift
case $command in
why | cached | make_base | create | run | leader | destroy) "$command" "$@" ;;
*) die "unknown command $command" ;;
esac
