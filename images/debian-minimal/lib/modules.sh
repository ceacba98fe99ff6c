# Kernel modules without kmod: dependencies and aliases stand in each module's .modinfo section. Sourced by build.sh.

# modules_index SOURCE INDEX: writes INDEX.info, lines "PATH KEY VALUE" (KEY: depends, alias, softdep), sorted.
# Only .ko files; Debian 12 does not compress them.
modules_index() {
    local source=$1 index=$2
    (cd "$source" && find kernel -name '*.ko' | sort) >"$index.files"
    [ -s "$index.files" ] || fail "no kernel modules under $source"
    # One pass over all files: NUL-separated strings become lines, a marker line tells which file follows.
    (
        cd "$source"
        while read -r file; do
            printf '\n@@%s\n' "$file"
            LC_ALL=C grep -a -o -z -E '^(depends|alias|softdep)=[ -~]*' "$file" | tr '\0' '\n' || true
        done <"$index.files"
    ) | awk '
        /^@@/ { path = substr($0, 3); next }
        /^(depends|alias|softdep)=/ { key = $0; sub(/=.*/, "", key); value = $0; sub(/^[a-z]*=/, "", value)
                                      if (value != "") print path "\t" key "\t" value }' >"$index.info"
    modules_close "$index.files" "$index.info" >"$index.dep"
}

# Lines "PATH: DEPENDENCY ..." in the form of modules.dep: all of them; modprobe loads the last one first, so each
# stands before what it needs itself.
modules_close() {
    awk -F'\t' '
        function name(path) { sub(/.*\//, "", path); sub(/\.ko$/, "", path); gsub(/-/, "_", path); return path }
        function walk(module,   parts, count, i) {
            count = split(needs[module], parts, ",")
            for (i = 1; i <= count; i++)
                if (!(parts[i] in seen)) {
                    seen[parts[i]] = 1
                    if (parts[i] in pathOf) { walk(parts[i]); line = " " pathOf[parts[i]] line }
                }
        }
        NR == FNR { pathOf[name($1)] = $1; order[++total] = $1; next }
        $2 == "depends" { value = $3; gsub(/-/, "_", value); needs[name($1)] = value }
        END {
            for (n = 1; n <= total; n++) {
                split("", seen); seen[name(order[n])] = 1; line = ""
                walk(name(order[n]))
                print order[n] ":" line
            }
        }' "$1" "$2"
}

# modules_select INDEX LIST: the paths that LIST names (a folder of the kernel's tree ends with /, else a module
# name; a leading - leaves a folder out) with all their dependencies, soft ones included.
modules_select() {
    awk -F'\t' '
        function name(path) { sub(/.*\//, "", path); sub(/\.ko$/, "", path); gsub(/-/, "_", path); return path }
        function take(path,   parts, count, i) {
            if (path == "" || path in taken) return
            taken[path] = 1
            count = split(dep[path], parts, " ")
            for (i = 1; i <= count; i++) take(parts[i])
            count = split(soft[path], parts, " ")
            for (i = 1; i <= count; i++) take(pathOf[parts[i]])
        }
        FILENAME == ARGV[1] { if ($0 !~ /^#/ && $0 != "") rules[++ruleCount] = $0; next }
        FILENAME == ARGV[2] { path = $0; sub(/:.*/, "", path); list = $0; sub(/^[^:]*: ?/, "", list)
                              dep[path] = list; pathOf[name(path)] = path; order[++total] = path; next }
        $2 == "softdep" { value = $3; gsub(/(pre|post):/, "", value); gsub(/-/, "_", value); soft[$1] = soft[$1] " " value }
        function wanted(path,   i, rule, hit) {
            hit = 0
            for (i = 1; i <= ruleCount; i++) {
                rule = rules[i]
                if (rule ~ /^-/) { if (index(path, "kernel/" substr(rule, 2)) == 1) hit = 0 }
                else if (rule ~ /\/$/) { if (index(path, "kernel/" rule) == 1) hit = 1 }
                else if (name(path) == rule) hit = 1
            }
            return hit
        }
        END {
            for (n = 1; n <= total; n++) if (wanted(order[n])) take(order[n])
            for (n = 1; n <= total; n++) if (order[n] in taken) print order[n]
        }' "$2" "$1.dep" "$1.info"
}

# modules_install SOURCE TARGET INDEX PATHS: copies the modules and writes the files that modprobe reads.
modules_install() {
    local source=$1 target=$2 index=$3 paths=$4 file
    tar --create --directory="$source" --files-from="$paths" | tar --extract --directory="$target"
    find "$target/kernel" -type d -exec chmod 755 {} +
    find "$target/kernel" -type f -exec chmod 644 {} +
    for file in modules.order modules.builtin modules.builtin.modinfo; do
        [ ! -f "$source/$file" ] || install -m 644 "$source/$file" "$target/$file"
    done
    awk 'NR == FNR { taken[$0] = 1; next } { path = $0; sub(/:.*/, "", path) } path in taken' \
        "$paths" "$index.dep" >"$target/modules.dep"
    modules_aliases "$paths" "$index.info" >"$target/modules.alias"
    chmod 644 "$target"/modules.*
}

modules_aliases() {
    awk -F'\t' '
        function name(path) { sub(/.*\//, "", path); sub(/\.ko$/, "", path); gsub(/-/, "_", path); return path }
        NR == FNR { taken[$1] = 1; next }
        $2 == "alias" && $1 in taken { print "alias " $3 " " name($1) }' "$1" "$2"
}
