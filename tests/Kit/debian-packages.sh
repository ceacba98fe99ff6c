#!/bin/bash
# Unpacks Debian packages of any architecture, verified by apt, without telling the machine's own apt about them.
# Usage: debian-packages.sh RELEASE ARCHITECTURE FOLDER CACHE PACKAGE ...
set -euo pipefail
shopt -s nullglob inherit_errexit
export LC_ALL=C TZ=UTC
umask 022

release=$1 arch=$2 folder=$3 keep=$4
shift 4
components='main non-free-firmware'
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$keep"
say() { printf 'debian-packages: %s\n' "$*"; }
fail() { printf 'debian-packages: error: %s\n' "$*" >&2; exit 1; }

. "$(dirname -- "${BASH_SOURCE[0]}")/../../images/debian-minimal/lib/apt.sh"
# The recipe of the minimal system shares the cache, and keeps what it wants itself.
apt_drop_old() { :; }

apt_open
apt_fetch "$@"
apt_extract "$folder"
