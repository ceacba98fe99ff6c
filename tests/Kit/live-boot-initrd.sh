#!/bin/bash
# Makes an initrd with Debian's initramfs-tools and live-boot, for the kernel of a container and of this machine's programs.
# Both come from unpacked packages: a copy of their scripts is told where they lie, and nothing of this machine changes.
# Usage: live-boot-initrd.sh PACKAGES CONTAINER.tar OUTPUT
set -euo pipefail
shopt -s inherit_errexit
export LC_ALL=C TZ=UTC SOURCE_DATE_EPOCH=1700000000
umask 022

packages=$1 container=$2 output=$3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
root=$scratch/root
mkdir -p "$root" "$scratch/container" "$scratch/tmp"
cp -a "$packages/." "$root/"
tar --extract --file="$container" --directory="$scratch/container" --no-same-owner ./usr/lib/modules
modules=("$scratch"/container/usr/lib/modules/*)
version=${modules[0]##*/}

tools=$root/usr/share/initramfs-tools
grep -rlIE '/usr/share/initramfs-tools|/usr/lib/klibc|/lib/klibc-|/bin/busybox|/bin/live-boot|/lib/live/boot|/boot/config-' \
    "$root/usr/sbin/mkinitramfs" "$tools/hook-functions" "$tools/hooks" | while read -r file; do
    sed -i -E \
        -e "s#([ \"'(=]|^)(/usr/share/initramfs-tools|/usr/lib/klibc|/lib/klibc-|/lib/live/boot|/boot/config-)#\\1$root\\2#g" \
        -e "s#BB_BIN=/bin/busybox#BB_BIN=$root/bin/busybox#; s#(-e|-a) /bin/live-boot#\\1 $root/bin/live-boot#" "$file"
done
mkdir -p "$root/boot"
echo CONFIG_RD_GZIP=y >"$root/boot/config-$version"

# The container's modules are what its kernel has; none are looked for on this machine.
configuration=$scratch/configuration
mkdir -p "$configuration/hooks" "$configuration/scripts" "$configuration/conf.d"
cp "$root/etc/initramfs-tools/initramfs.conf" "$configuration/"
printf 'MODULES=list\nBUSYBOX=y\nCOMPRESS=gzip\nRESUME=none\nFSTYPE=ext4\n' >"$configuration/conf.d/tests"
cat >"$configuration/hooks/container" <<HOOK
#!/bin/sh
[ "\${1:-}" != prereqs ] || exit 0
mkdir -p "\$DESTDIR/lib/modules/$version"
cp -a "${modules[0]}/kernel" "\$DESTDIR/lib/modules/$version/"
cp -a "${modules[0]}"/modules.builtin* "${modules[0]}"/modules.order "\$DESTDIR/lib/modules/$version/"
HOOK
chmod 755 "$configuration/hooks/container"
TMPDIR=$scratch/tmp sh "$root/usr/sbin/mkinitramfs" -d "$configuration" -o "$output" "$version"
