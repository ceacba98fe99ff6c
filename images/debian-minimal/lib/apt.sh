# A private apt: its own state, the host's mirrors, proxies and keys, Debian's signatures. Sourced by build.sh.
# Uses: arch, release, scratch, keep, say, fail; components where that is more than main.

# The host's Debian entries as "KIND URI", KIND being main or security; both forms of sources are read.
# Other archives of the host (suites that are no Debian release, paths that are no Debian archive) are left alone.
apt_host_mirrors() {
    local parts=/etc/apt/sources.list.d
    local lists=(/etc/apt/sources.list $parts/*.list) stanzas=($parts/*.sources)
    {
        [ ${#stanzas[@]} = 0 ] || awk '
            function flush() { if (types ~ /(^| )deb( |$)/ && enabled != "no") print uris "|" suites "|" components
                               types = uris = suites = components = enabled = "" }
            FNR == 1 { flush() }
            /^#/ { next }
            /^[ \t]*$/ { flush(); next }
            { key = tolower($1); sub(/^[^:]*:[ \t]*/, "") }
            key == "types:" { types = $0 }
            key == "uris:" { uris = $0 }
            key == "suites:" { suites = $0 }
            key == "components:" { components = $0 }
            key == "enabled:" { enabled = tolower($0) }
            END { flush() }' "${stanzas[@]}"
        awk '$1 == "deb" { sub(/^deb[ \t]+(\[[^]]*\])?[ \t]*/, ""); uri = $1; suite = $2
                           $1 = $2 = ""; print uri "|" suite "|" $0 }' "${lists[@]}" 2>/dev/null || true
    } | awk -F'|' '
        $3 !~ /(^| )main( |$)/ { next }
        {
            count = split($1, uris, " ")
            for (i = 1; i <= count; i++) {
                uri = uris[i]
                if (uri ~ /debian-security\/?$|security\.debian\.org|debian-security\.list$/) print "security", uri
                else if (uri ~ /\/debian\/?$|mirrors\/debian\.list$/) print "main", uri
            }
        }' | sort -u
}

apt_write_sources() {
    local mirrors main security key=/usr/share/keyrings/debian-archive-keyring.gpg
    mirrors=$(apt_host_mirrors)
    main=$(sed -n 's/^main //p' <<<"$mirrors" | tr '\n' ' ')
    security=$(sed -n 's/^security //p' <<<"$mirrors" | tr '\n' ' ')
    [ -f "$key" ] || key=/usr/share/keyrings/debian-archive-keyring.pgp
    [ -f "$key" ] || fail "Debian's keys are not on this machine; install the package debian-archive-keyring"
    printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: %s\nSigned-By: %s\n\n' \
        "${main:-http://deb.debian.org/debian}" "$release $release-updates" "${components:-main}" "$key"
    printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: %s\nSigned-By: %s\n' \
        "${security:-http://deb.debian.org/debian-security}" "$release-security" "${components:-main}" "$key"
}

# How the host reaches its mirrors (proxies, retries, clock rules); nothing else of its configuration.
apt_host_transport() {
    apt-config dump | grep -E '^Acquire::(https?|Retries|Check-Valid-Until|Check-Date|ForceIPv[46])\b' || true
}

apt_write_configuration() {
    local state=$keep/apt/$release-$arch etc=$scratch/apt
    mkdir -p "$state"/lists/partial "$state"/cache/archives/partial "$state/debs" "$etc/empty"
    : >"$etc/status"
    apt_write_sources >"$etc/debian.sources"
    apt_host_transport >"$etc/apt.conf"
    cat >>"$etc/apt.conf" <<CONFIGURATION
APT::Architecture "$arch";
APT::Architectures { "$arch"; };
APT::Sandbox::User "root";
APT::Get::List-Cleanup "true";
Acquire::Languages "none";
Acquire::AllowInsecureRepositories "false";
Acquire::AllowWeakRepositories "false";
Acquire::AllowDowngradeToInsecureRepositories "false";
Dir::State "$state";
Dir::State::status "$etc/status";
Dir::Cache "$state/cache";
Dir::Cache::archives "archives/";
Dir::Etc::sourcelist "$etc/debian.sources";
Dir::Etc::sourceparts "$etc/empty";
Dir::Etc::preferences "$etc/none";
Dir::Etc::preferencesparts "$etc/empty";
Dir::Etc::trusted "$etc/none";
Dir::Etc::trustedparts "$etc/empty";
Dir::Etc::parts "$etc/empty";
Dir::Etc::main "$etc/none";
CONFIGURATION
    export APT_CONFIG=$etc/apt.conf
    debs=$state/debs
    # One apt at a time on this state: two builds may share the cache.
    exec 9>"$state/lock"
    flock 9
}

apt_open() {
    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null \
        || fail "apt and dpkg are needed; build this image on Debian or a system derived from it"
    apt_write_configuration
    say "reading the package indexes"
    # An index that fails its check is not used. The others still give verified packages, perhaps older ones.
    apt-get -q -q update || say "warning: not every index could be read; see above"
}

# The first direct dependency of a package that matches a pattern.
apt_dependency() {
    apt-cache show --no-all-versions "$1" | sed -n 's/^Depends: //p' | tr ',|' '\n\n' \
        | sed 's/^ *//; s/[ (].*//' | grep -m1 -E "^$2" || true
}

apt_fetch() {
    say "fetching $*"
    local package version file expected actual
    (cd "$debs" && apt-get -q -q download "$@" 9>&-)
    : >"$scratch/packages.list"
    : >"$scratch/debs.list"
    for package in "$@"; do
        version=$(apt-cache show --no-all-versions "$package" | sed -n 's/^Version: //p' | head -n 1)
        expected=$(apt-cache show --no-all-versions "$package" | sed -n 's/^SHA256: //p' | head -n 1)
        # apt writes the epoch's colon as %3a.
        file=("$debs/${package}_${version//:/%3a}_"{"$arch",all}.deb)
        [ -f "${file[0]}" ] || file=("${file[1]}")
        [ -f "${file[0]}" ] || fail "$package $version was not downloaded"
        # A file of an earlier run is checked as well: the cache is only a directory.
        actual=$(sha256sum <"${file[0]}")
        [ "${actual%% *}" = "$expected" ] || { rm -f "${file[0]}"; fail "$package $version is damaged; it was removed, run again"; }
        printf '%s %s %s\n' "$package" "$version" "$arch" >>"$scratch/packages.list"
        printf '%s\n' "${file[0]}" >>"$scratch/debs.list"
    done
    sort -o "$scratch/packages.list" "$scratch/packages.list"
    apt_drop_old
}

# The cache keeps what this run used, and no older versions.
apt_drop_old() {
    local file
    for file in "$debs"/*.deb; do
        grep -qxF "$file" "$scratch/debs.list" || rm -f "$file"
    done
}

apt_extract() {
    local file
    mkdir -p "$1"
    while read -r file; do
        dpkg-deb -x "$file" "$1"
    done <"$scratch/debs.list"
    flock -u 9
}
