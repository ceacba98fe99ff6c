#!/bin/bash
# Makes a small bootable Debian system out of Debian's own packages: kernel, initrd, static BusyBox, bootloaders.
# No root, no foreign code is run, nothing is installed on the host; apt verifies every package's signature chain.
#
# In:  PIPELINE_PLATFORM  linux/amd64, linux/arm64, linux/arm/v7 or linux/riscv64
#      PIPELINE_SCRATCH   an empty directory of our own
#      PIPELINE_CACHE     optional: a directory kept between runs (packages and indexes)
#      SOURCE_DATE_EPOCH  the time of every file
# Out: PIPELINE_OUTPUT    a tar of the root file system
set -euo pipefail
shopt -s nullglob inherit_errexit
export LC_ALL=C TZ=UTC
umask 022

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
say() { printf 'debian-minimal: %s\n' "$*"; }
fail() { printf 'debian-minimal: error: %s\n' "$*" >&2; exit 1; }

: "${PIPELINE_PLATFORM:?is not set}" "${PIPELINE_OUTPUT:?is not set}"
: "${PIPELINE_SCRATCH:?is not set}" "${SOURCE_DATE_EPOCH:?is not set}"
# The paths may be relative to where we were started.
mkdir -p "$PIPELINE_SCRATCH" "$(dirname -- "$PIPELINE_OUTPUT")"
scratch=$(cd -- "$PIPELINE_SCRATCH" && pwd)
output=$(cd -- "$(dirname -- "$PIPELINE_OUTPUT")" && pwd)/$(basename -- "$PIPELINE_OUTPUT")
keep=${PIPELINE_CACHE:-$scratch/cache}
mkdir -p "$keep"
keep=$(cd -- "$keep" && pwd)

release=bookworm
# Debian 12 has no riscv64; its GRUB is not signed.
case $PIPELINE_PLATFORM in linux/riscv64*) release=trixie ;; esac
case $PIPELINE_PLATFORM in
    linux/amd64) arch=amd64 kernel=linux-image-cloud-amd64 efi=x64 extra=(shim-signed grub-efi-amd64-signed grub-pc-bin systemd-boot-efi) ;;
    linux/arm64 | linux/arm64/v8) arch=arm64 kernel=linux-image-cloud-arm64 efi=aa64 extra=(shim-signed grub-efi-arm64-signed systemd-boot-efi) ;;
    linux/arm/v7) arch=armhf kernel=linux-image-armmp efi='' extra=(u-boot-sunxi) ;;
    linux/riscv64) arch=riscv64 kernel=linux-image-riscv64 efi=riscv64 extra=(grub-efi-riscv64-unsigned u-boot-sifive) ;;
    *) fail "no recipe for $PIPELINE_PLATFORM; expected linux/amd64, linux/arm64, linux/arm/v7 or linux/riscv64" ;;
esac

. "$here/lib/apt.sh"
. "$here/lib/modules.sh"
. "$here/lib/initrd.sh"

packages=$scratch/packages # what the packages contain
root=$scratch/root         # what the image will contain

# The metapackage only names the kernel; its versioned package has the files.
resolve_kernel() {
    kernel_package=$(apt_dependency "$kernel" 'linux-image-[0-9]')
    [ -n "$kernel_package" ] || fail "$kernel names no versioned kernel package"
    version=${kernel_package#linux-image-}
}

lay_directories() {
    mkdir -p "$root"/{boot,dev,etc,home,media,mnt,opt,proc,run,srv,sys,tmp,usr,var}
    mkdir -p "$root"/usr/{bin,lib,sbin,share} "$root"/var/{cache,lib,log,tmp} "$root"/root
    chmod 1777 "$root/tmp" "$root/var/tmp"
    chmod 700 "$root/root"
    chmod 555 "$root/proc" "$root/sys"
    ln -s usr/bin "$root/bin"
    ln -s usr/sbin "$root/sbin"
    ln -s usr/lib "$root/lib"
    ln -s ../run "$root/var/run"
    ln -s ../run/lock "$root/var/lock"
    ln -s ../proc/self/mounts "$root/etc/mtab"
    ln -s ../run/resolv.conf "$root/etc/resolv.conf"
}

# A package of an unmerged system has /bin and /lib, one of a merged system usr/bin and usr/lib.
merge_packages() {
    [ -e "$packages/bin/busybox" ] || { mkdir -p "$packages/bin"; cp "$packages/usr/bin/busybox" "$packages/bin/busybox"; }
    [ -e "$packages/lib" ] || ln -s usr/lib "$packages/lib"
}

# The applets are named by a list of ours: the target's BusyBox may not run on this machine.
lay_busybox() {
    install -m 755 "$packages/bin/busybox" "$root/usr/bin/busybox"
    local folder applet
    while read -r folder applet; do
        case $folder in '' | '#'*) continue ;; esac
        ln -s "$([ "$folder" = bin ] || echo ../bin/)busybox" "$root/usr/$folder/$applet"
    done <"$here/applets"
}

# Modes are set here: a checkout keeps only the executable bit, and the umask of the day must not decide.
lay_own_files() {
    install -m 755 "$here/rootfs/init" "$root/usr/sbin/init"
    install -D -m 755 "$here/rootfs/console" "$root/usr/lib/pipeline/console"
    install -D -m 755 "$here/rootfs/start" "$root/usr/lib/pipeline/start"
    install -D -m 755 "$here/rootfs/udhcpc.script" "$root/usr/share/udhcpc/default.script"
    local file
    for file in "$here"/rootfs/etc/*; do
        install -m 644 "$file" "$root/etc/${file##*/}"
    done
    chmod 640 "$root/etc/shadow"
    [ "$release" = bookworm ] || sed -i 's/12 (bookworm)/13 (trixie)/; s/"12"/"13"/; s/=bookworm/=trixie/' "$root/etc/os-release"
    install -m 644 "$root/etc/os-release" "$root/usr/lib/os-release"
    ln -sf ../usr/lib/os-release "$root/etc/os-release"
    # Empty: an image must not carry the identity of a machine.
    : >"$root/etc/machine-id"
}

lay_kernel() {
    local modules=$root/usr/lib/modules/$version image=$packages/boot/vmlinuz-$version
    mkdir -p "$modules"
    # Debian's name on riscv64; it is no ELF file there either.
    [ -f "$image" ] || image=$packages/boot/vmlinux-$version
    install -m 644 "$image" "$modules/vmlinuz"
    install -m 644 "$packages/boot/config-$version" "$modules/config"
    # From Debian 13 on modules are compressed; the image's file system or its output may do that.
    find "$packages/lib/modules/$version" -name '*.ko.xz' -exec xz -d {} +
    say "reading modules of $version"
    modules_index "$packages/lib/modules/$version" "$scratch/modules"
    # Some kernels have more than others; what an architecture leaves out stands in a file of its own.
    cat "$here/modules.system" "$here/modules.$arch"* >"$scratch/modules.wanted"
    modules_select "$scratch/modules" "$scratch/modules.wanted" >"$scratch/modules.system"
    modules_select "$scratch/modules" "$here/modules.initrd" >"$scratch/modules.initrd"
    modules_install "$packages/lib/modules/$version" "$modules" "$scratch/modules" "$scratch/modules.system"
}

lay_initrd() {
    local tree=$scratch/initrd
    mkdir -p "$tree"/{bin,dev,etc,proc,run,sbin,sys,sysroot} "$tree/lib/modules/$version"
    install -m 755 "$packages/bin/busybox" "$tree/bin/busybox"
    install -m 755 "$here/initrd/init" "$tree/init"
    # By this name live media know that it understands their arguments.
    install -m 644 "$here/initrd/live" "$tree/sbin/dmsquash-live-root"
    # The kernel asks for modules by this path.
    ln -s ../bin/busybox "$tree/sbin/modprobe"
    ln -s busybox "$tree/bin/sh"
    modules_install "$packages/lib/modules/$version" "$tree/lib/modules/$version" "$scratch/modules" "$scratch/modules.initrd"
    initrd_write "$tree" | gzip -9n >"$root/usr/lib/modules/$version/initramfs.img"
    chmod 644 "$root/usr/lib/modules/$version/initramfs.img"
}

# Shim under the name that firmware looks for, GRUB under the name that shim looks for. No fb*.efi: with it beside
# shim the first boot writes boot entries and resets.
lay_efi() {
    [ -n "$efi" ] || return 0
    local target=$root/boot/efi/EFI/BOOT grub
    if [ "$arch" = riscv64 ]; then
        # Nobody signs for it, so there is no shim: GRUB itself is what firmware starts.
        install -D -m 644 "$packages/usr/lib/grub/riscv64-efi/monolithic/grubriscv64.efi" "$target/BOOTRISCV64.EFI"
        return
    fi
    grub=("$packages"/usr/lib/grub/*-efi-signed/"grub$efi.efi.signed")
    [ ${#grub[@]} = 1 ] || fail "expected one signed GRUB for $efi, found ${#grub[@]}"
    mkdir -p "$target"
    install -m 644 "$packages/usr/lib/shim/shim$efi.efi.signed" "$target/BOOT${efi^^}.EFI"
    install -m 644 "${grub[0]}" "$target/grub$efi.efi"
}

# For boards that boot otherwise: GRUB's modules for a PC BIOS, systemd-boot and its stub for unified kernel images.
lay_other_loaders() {
    local file
    for file in "$packages"/usr/lib/grub/i386-pc/*.{mod,img,lst}; do
        install -D -m 644 "$file" "$root/usr/lib/grub/i386-pc/${file##*/}"
    done
    for file in "$packages"/usr/lib/systemd/boot/efi/*; do
        install -D -m 644 "$file" "$root/usr/lib/systemd/boot/efi/${file##*/}"
    done
}

# Loaders and device trees of the boards that an emulator can be; other boards bring their own image.
lay_uboot() {
    local files=() trees=()
    case $arch in
        armhf) files=('*/u-boot-sunxi-with-spl.bin') trees=('sun*.dtb') ;;
        riscv64) files=('sifive_*/u-boot-spl.bin' 'sifive_*/u-boot.itb') trees=('sifive/*.dtb') ;;
        *) return 0 ;;
    esac
    lay_matching "$packages/usr/lib/u-boot" "$root/usr/lib/u-boot" "${files[@]}"
    lay_matching "$packages/usr/lib/linux-image-$version" "$root/usr/lib/linux-image-$version" "${trees[@]}"
}

# lay_matching FROM TO PATTERN ...: the files below FROM that a pattern names, at the same places below TO.
lay_matching() {
    local from=$1 to=$2 pattern file
    shift 2
    for pattern in "$@"; do
        for file in "$from"/$pattern; do
            install -D -m 644 "$file" "$to/${file#"$from"/}"
        done
    done
}

# What is inside and under which licence.
lay_records() {
    install -d "$root/usr/share/pipeline"
    install -m 644 "$scratch/packages.list" "$root/usr/share/pipeline/packages"
    local folder
    for folder in "$packages"/usr/share/doc/*/; do
        [ -f "$folder/copyright" ] || continue
        install -D -m 644 "$folder/copyright" "$root/usr/share/doc/$(basename "$folder")/copyright"
    done
}

pack() {
    local partial=$output.partial
    # Without these options a pax header holds the id of the tar process and the times of the build.
    tar --create --file="$partial" --directory="$root" --format=posix --sort=name \
        --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" \
        --pax-option='exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime' .
    mv -f "$partial" "$output"
}

say "$PIPELINE_PLATFORM from Debian $release"
apt_open
resolve_kernel
apt_fetch "$kernel_package" busybox-static "${extra[@]}"
apt_extract "$packages"
merge_packages
lay_directories
lay_busybox
lay_own_files
lay_kernel
lay_initrd
lay_efi
lay_other_loaders
lay_uboot
lay_records
pack
say "kernel $version, $(du -m "$output" | cut -f1) MB"
