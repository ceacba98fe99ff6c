# A cpio archive (newc form) without cpio: owner 0, one time for all, names sorted. Sourced by build.sh.

# initrd_write TREE: the archive on standard output. Directories, files and symbolic links only.
initrd_write() {
    local tree=$1 name number=1
    while read -r name; do
        initrd_entry "$tree" "$name" "$number"
        number=$((number + 1))
    done < <(cd "$tree" && find . -mindepth 1 | sed 's|^\./||' | sort)
    initrd_header 'TRAILER!!!' 0 0 1 0
}

initrd_entry() {
    local path=$1/$2 target
    if [ -L "$path" ]; then
        target=$(readlink "$path")
        initrd_header "$2" "$3" $((8#120777)) 1 "${#target}"
        printf '%s' "$target"
        initrd_pad "${#target}"
    elif [ -d "$path" ]; then
        initrd_header "$2" "$3" $((8#40000 + 8#$(stat -c %a "$path"))) 2 0
    else
        target=$(stat -c %s "$path")
        initrd_header "$2" "$3" $((8#100000 + 8#$(stat -c %a "$path"))) 1 "$target"
        cat "$path"
        initrd_pad "$target"
    fi
}

# initrd_header NAME INODE MODE LINKS SIZE
initrd_header() {
    local time=$SOURCE_DATE_EPOCH
    # magic, ino, mode, uid, gid, nlink, mtime, filesize, devmajor, devminor, rdevmajor, rdevminor, namesize, check
    [ "$2" != 0 ] || time=0
    printf '070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%s\0' \
        "$2" "$3" 0 0 "$4" "$time" "$5" 0 0 0 0 $((${#1} + 1)) 0 "$1"
    initrd_pad $((110 + ${#1} + 1))
}

# Each part ends on a multiple of four bytes.
initrd_pad() {
    case $(($1 % 4)) in
        1) printf '\0\0\0' ;;
        2) printf '\0\0' ;;
        3) printf '\0' ;;
    esac
}
