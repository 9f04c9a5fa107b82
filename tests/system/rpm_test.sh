#!/bin/sh
# SPDX-License-Identifier: MIT
# The RPM package by dnf on a really booted systemd: rpm_test.sh CCR.rpm MOCK_PROVIDER [CHECK...]
# The system is Debian, whose libraries are no rpms: a stub package provides what ours requires.
set -eu
package=$1
mock=$2
shift 2
. "$(dirname -- "$0")/checks.sh"
. "$here/installed.sh"

bed_up
mkdir "$bed/share/repo" "$bed/share/next"
cp "$package" "$bed/share/repo/"
cp "$mock" "$bed/share/mock"
cp "$here/connects.py" "$bed/share/"

# An empty package: stub_rpm DIRECTORY NAME SPEC_LINES
stub_rpm() {
    printf 'Name: %s\nVersion: 1\nRelease: 1\nSummary: stub\nLicense: MIT\nBuildArch: noarch\n%s\n%%description\nstub\n%%files\n' \
        "$2" "$3" >"$bed/$2.spec"
    rpmbuild -bb --quiet --define "_topdir $bed/rpm" --define "_dbpath $bed/rpm/db" "$bed/$2.spec" >/dev/null 2>&1
    mv "$bed"/rpm/RPMS/noarch/"$2"-1-1.noarch.rpm "$1/"
}
needs=$(rpm -qp --requires "$package" 2>/dev/null | grep -v -e '^rpmlib(' -e '^config(' -e '^/' | sort -u)
stub_rpm "$bed/share/repo" system-stub "$(printf '%s\n' "$needs" /bin/sh | sed 's/^/Provides: /')"

# The same package under a later release, for upgrades.
CCR_RPM_RELEASE=2 CCR_BUILD_DIR=$CCR_BUILD_DIR "$root/packaging/rpm/build.sh" "$bed/share/next" "$bed/stage" \
    >"$bed/out" 2>&1 || { tail -n 20 "$bed/out" >&2; exit 1; }

inside sh -c 'cat >/etc/yum.repos.d/ccr.repo || { mkdir -p /etc/yum.repos.d; cat >/etc/yum.repos.d/ccr.repo; }' <<'E2'
[ccr]
name=ccr
baseurl=file:///bed/repo
gpgcheck=0
metadata_expire=1
E2
inside sh -c 'mkdir -p /usr/lib/systemd/system-preset
    echo "enable ccrd*.socket" >/usr/lib/systemd/system-preset/50-test.preset
    echo "enable ccrd.service" >>/usr/lib/systemd/system-preset/50-test.preset'
dnf='dnf -y -q --disableplugin=* --setopt=install_weak_deps=0'

check_upgrade() {
    under_way upgrade "mv /bed/next/*.rpm /bed/repo/; createrepo_c -q /bed/repo; $dnf upgrade ccr; rpm -q ccr | grep -q -- -2"
}

check_sh "the package installs by dnf" "createrepo_c -q /bed/repo; $dnf install ccr"
check_sh "it is as it was packed" 'rpm -V ccr'
check_sh "the preset has enabled it, and it starts" '
    systemctl is-enabled ccrd.socket ccrd-control.socket ccrd.service
    systemctl start ccrd.socket ccrd-control.socket ccrd.service'
check_life "$@"
removed_under_way "$dnf remove ccr"
check_gone "nothing is left but the edited configuration" \
    '^/etc/ccr$\|^/etc/ccr/config.json.rpmsave$\|/yum.repos.d/\|^/var/lib/dnf\|^/var/cache/dnf'
check_sh "keys, their drop-in, state and cache are gone with their folders" '
    for place in /etc/ccr/credentials /etc/systemd/system/ccrd.service.d /var/lib/ccr /var/lib/private/ccr /var/cache/ccr /run/ccr; do
        if [ -e $place ]; then find $place; exit 1; fi
    done'
check_sh "which is kept aside" 'cmp /tmp/good.json /etc/ccr/config.json.rpmsave'
