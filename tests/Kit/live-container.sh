#!/bin/bash
# Makes a container with a live system out of Debian's packages: the system of images/debian-minimal with Debian's full
# kernel (on amd64; its small one knows no CD drives and no USB), and an initrd that keeps to dracut's live arguments.
# Usage: live-container.sh PLATFORM SYSTEM.tar OUTPUT.tar CACHE
set -euo pipefail
shopt -s nullglob inherit_errexit
export LC_ALL=C TZ=UTC SOURCE_DATE_EPOCH=1700000000
umask 022

platform=$1 system=$2 output=$3 keep=$4
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
recipe=$here/../../images/debian-minimal
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$keep"
root=$scratch/root
say() { printf 'live-container: %s\n' "$*"; }
fail() { printf 'live-container: error: %s\n' "$*" >&2; exit 1; }

. "$recipe/lib/apt.sh"
. "$recipe/lib/modules.sh"
. "$recipe/lib/initrd.sh"
# The recipe shares the cache, and keeps what it wants itself.
apt_drop_old() { :; }

mkdir -p "$root"
tar --extract --file="$system" --directory="$root" --no-same-owner
small=("$root"/usr/lib/modules/*)
version=${small[0]##*/}
initramfs=${small[0]}/initramfs.img

# The kernel with all its modules: another one on amd64, the same one elsewhere. That of riscv64 has what it takes already.
release=bookworm
case $platform in
    linux/amd64) arch=amd64 kernel=linux-image-amd64 more=(shim-helpers-amd64-signed grub-common) ;;
    linux/arm64) arch=arm64 kernel=linux-image-cloud-arm64 more=(grub-common) ;;
    linux/riscv64) kernel='' ;;
    *) fail "no recipe for $platform" ;;
esac
cp "$initramfs" "$scratch/initramfs.img"
if [ -n "$kernel" ]; then
    apt_open
    package=$(apt_dependency "$kernel" 'linux-image-[0-9]')
    [ -n "$package" ] || fail "$kernel names no versioned kernel package"
    apt_fetch "$package" "${more[@]}"
    apt_extract "$scratch/packages"
    version=${package#linux-image-}
    modules=$scratch/packages/lib/modules/$version
    image=$scratch/packages/boot/vmlinuz-$version
    rm -rf "${small[0]}"
else
    modules=$scratch/own
    mv "${small[0]}" "$modules"
    image=$modules/vmlinuz
fi
install -D -m 644 "$image" "$root/usr/lib/modules/$version/vmlinuz"

# Modules: what reaches a medium and the packed root on it.
cat >"$scratch/wanted" <<MODULES
virtio_pci
virtio_mmio
virtio_blk
virtio_scsi
sd_mod
sr_mod
ahci
ata_piix
usb_storage
uas
xhci_pci
xhci_hcd
ehci_pci
isofs
squashfs
erofs
overlay
loop
ext4
vfat
nls_ascii
nls_cp437
nls_iso8859_1
nls_utf8
crc32c_generic
MODULES
modules_index "$modules" "$scratch/index"
modules_select "$scratch/index" "$scratch/wanted" >"$scratch/selected"
modules_install "$modules" "$root/usr/lib/modules/$version" "$scratch/index" "$scratch/selected"

# The initrd: BusyBox of the recipe's, and an init of our own where dracut has its live module.
initrd=$scratch/initrd
mkdir -p "$initrd"
(cd "$initrd" && gzip -dc "$scratch/initramfs.img" | cpio --quiet -idm)
rm -rf "$initrd"/lib/modules
mkdir -p "$initrd/lib/modules/$version" "$initrd/usr/lib/dracut" "$initrd/usr/sbin"
modules_install "$modules" "$initrd/lib/modules/$version" "$scratch/index" "$scratch/selected"
install -m 755 "$here/live-init" "$initrd/usr/sbin/dmsquash-live-root"
install -m 755 "$here/live-init" "$initrd/init"
echo "a stand-in of the tests" >"$initrd/usr/lib/dracut/dracut-version.sh"
initrd_write "$initrd" | gzip -6n >"$root/usr/lib/modules/$version/initramfs.img"

# What the removable media of a distribution have beside GRUB for disks.
for file in "$scratch"/packages/usr/lib/shim/mm*.efi.signed; do
    install -D -m 644 "$file" "$root/usr/lib/shim/${file##*/}"
done
[ ! -f "$scratch/packages/usr/share/grub/unicode.pf2" ] || install -D -m 644 "$scratch/packages/usr/share/grub/unicode.pf2" "$root/usr/share/grub/unicode.pf2"

tar --create --file="$output" --directory="$root" --format=posix --sort=name --owner=0 --group=0 --numeric-owner \
    --mtime="@$SOURCE_DATE_EPOCH" --pax-option='exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime' .
say "kernel $version, $(du -m "$output" | cut -f1) MB"
