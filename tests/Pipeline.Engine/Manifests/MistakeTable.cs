using Pipeline.Kit;

namespace Pipeline.Engine.Manifests;

/// <summary>One mistake in an otherwise sound repository, and where it must be reported.</summary>
/// <param name="Expected">Every diagnostic as <c>CODE LINE:COLUMN</c> in order, joined by ", "; the place is left out where there is none.</param>
/// <param name="InTable">One of those that are shown to users.</param>
public sealed record Mistake(string Title, string File, string Old, string New, string Expected, bool InTable = false)
{
    /// <summary>Further files of the repository, which have no mistakes.</summary>
    public (string File, string Text)[] With { get; init; } = [];

    public override string ToString() => Title;
}

/// <summary>Every rule of manifests with at least one mistake that raises it.</summary>
internal static partial class MistakeTable
{
    private const string Box = ManifestRepository.Box;
    private const string Kiosk = ManifestRepository.Kiosk;
    private const string Config = ManifestRepository.Pipeline;

    public static IReadOnlyList<Mistake> All { get; } = [.. Files, .. Images, .. Customizations, .. Boards, .. Layouts, .. Policies];

    private static Mistake[] Files =>
    [
        new("a control character", Kiosk, "A kiosk", "A \u0001 kiosk", "PL1002 1:16"),
        new("an empty file", Kiosk, ManifestRepository.KioskText, "# nothing\n", "PL1001 1:1"),
        new("a tab", Kiosk, "  hostname: kiosk", "\thostname: kiosk", "PL1002 6:1", true),
        new("an unclosed bracket", Kiosk, "[disk]", "[disk", "PL1002 4:10"),
        new("two documents", Kiosk, "labels:\n", "---\nlabels:\n", "PL1002 14:1"),
        new("an alias without an anchor", Kiosk, "hostname: kiosk", "hostname: *name", "PL1002 6:13"),
        new("a tag", Kiosk, "hostname: kiosk", "hostname: !secret kiosk", "PL1002 6:13"),
        new("a key that is there twice", Kiosk, "  hostname: kiosk\n", "  hostname: kiosk\n  hostname: desk\n", "PL1003 7:3", true),
        new("a misspelt key", Kiosk, "  hostname: kiosk", "  hostnmae: kiosk", "PL1004 6:3", true),
        new("a key of another tool", Kiosk, "labels:\n", "kickstart: yes\nlabels:\n", "PL1004 14:1"),
        new("a missing key", Box, "platform: linux/arm64\n", "", "PL1005 1:1, PL1031 3:10"),
        new("a text where a list is wanted", Kiosk, "boards: [box]", "boards: box", "PL1006 3:9", true),
        new("a map where a text is wanted", Kiosk, "hostname: kiosk", "hostname: {name: kiosk}", "PL1006 6:13"),
        new("a fraction where a whole number is wanted", Kiosk, "uid: 1000", "uid: 1.5", "PL1006 13:12"),
        new("an empty description", Kiosk, "A kiosk", "''", "PL1008 1:14"),
        new("a list as the whole file", Kiosk, ManifestRepository.KioskText, "- a\n", "PL1006 1:1"),
        new("a word that is not allowed", Box, "method: grub-efi", "method: grub", "PL1007 23:11, PL1031 3:10", true),
        new("yes instead of true", Kiosk, "labels:\n", "suspend: yes\nlabels:\n", "PL1006 14:10"),
        new("a number out of range", Kiosk, "uid: 1000", "uid: -1", "PL1009 13:12"),
        new("an empty list", Kiosk, "boards: [box]", "boards: []", "PL1010 3:9"),
        new("a flag twice", Box, "[grow]", "[grow, grow]", "PL1011 16:12, PL1031 3:10"),
        new("a list of lists of lists without end", Kiosk, "title: Kiosk", "title: " + new string('[', 40) + new string(']', 40), "PL1012 15:41"),
        new("a size without a unit", Box, "size: 64MiB", "size: 64", "PL1013 9:11, PL1031 3:10", true),
        new("a size with half a unit", Box, "size: 64MiB", "size: 64M", "PL1014 9:11, PL1031 3:10"),
        new("a size in words", Kiosk, "  hostname: kiosk\n", "  hostname: kiosk\n  freeSpace: plenty\n", "PL1014 7:14"),
        new("a folder whose name is no name", Config, "version: 1", "version: 1 ", "PL1015 1:1") { With = [("images/Kiosk 2/image.yaml", ManifestRepository.KioskText)] },
        new("a folder without a manifest", Config, "version: 1", "version: 1 ", "PL1016") { With = [("images/empty/notes.txt", "")] },
        new("image.yml", Config, "version: 1", "version: 1 ", "PL1016") { With = [("images/other/image.yml", "")] },
        new("a registry with https://", Config, "registry.example:", "https://registry.example:", "PL1090 5:3"),
        new("a registry at a port that there is not", Config, "registry.example:", "\"registry.example:99999\":", "PL1090 5:3"),
        new("a certificate that is not there", Config, "plainHttp: true", "ca: ca.pem", "PL1091 6:9"),
        new("releases among the manifests", Config, "directory: out", "directory: ./boards/../images/out", "PL1045 3:14"),
        new("two places for releases", Config, "  directory: out\n", "  directory: out\n  registry: ghcr.io/acme/images\n", "PL1130 4:3"),
        new("a place for releases with a tag", Config, "directory: out", "registry: ghcr.io/acme/images:1", "PL1131 3:13"),
        new("a place for a shared cache with a tag", Config, "limit: 1GiB", "registry: registry.example/cache:1", "PL1139 8:13"),
        new("an API without TLS", Config, "directory: out", "github: {api: 'http://ghe.example/api/v3'}", "PL1132 3:17"),
        new("a template that is not there", Config, "directory: out", "notes: {template: notes.md}", "PL1047 3:21"),
        new("a template that is too long", Config, "directory: out", "notes: {template: notes.md}", "PL1150 3:21") { With = [("notes.md", new('x', 70_000))] },
        new("a place of a template without an end", Config, "directory: out", "notes: {template: notes.md}", "PL1151 2:3") { With = [("notes.md", "# {{image}}\nx {{version\n")] },
        new("a part of a template without an end", Config, "directory: out", "notes: {template: notes.md}", "PL1151 1:1") { With = [("notes.md", "{{#packages}}\n{{packages}}\n")] },
        new("parts of a template that cross", Config, "directory: out", "notes: {template: notes.md}", "PL1151 1:1, PL1151 1:21") { With = [("notes.md", "{{#why}}{{^commits}}{{/why}}{{/commits}}\n")] },
        new("a name that a template cannot have", Config, "directory: out", "notes: {template: notes.md}", "PL1152 2:1") { With = [("notes.md", "# {{image}}\n{{package}}\n")] },
        new("a public key that is not there", Config, "version: 1", "version: 1\nsigning: {publicKey: key.pem}", "PL1155 2:22"),
        new("a public key that is none", Config, "version: 1", "version: 1\nsigning: {publicKey: key.pem}", "PL1156 2:22") { With = [("key.pem", "ssh-ed25519 AAAA\n")] },
        new("a private key for anybody to read", Config, "version: 1", "version: 1\nsigning: {key: key.pem}", "PL1157 2:16") { With = [("key.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")] },
        new("a builder that is no address", Config, "version: 1", "version: 1\nprovenance: {builder: our CI}", "PL1158 2:23"),
        new("a version of tomorrow", Config, "version: 1", "version: 2", "PL1007 1:10"),
    ];

    private static Mistake[] Images =>
    [
        new("an unknown image to extend", Kiosk, "boards: [box]", "extends: dsek\nboards: [box]", "PL1020 3:10", true) { With = [("images/desk/image.yaml", ManifestRepository.KioskText)] },
        new("a file to extend that is not there", Kiosk, "boards: [box]", "extends: ../base/image.yaml\nboards: [box]", "PL1020 3:10"),
        new("a file outside the repository to extend", Kiosk, "boards: [box]", "extends: ../../../base.yaml\nboards: [box]", "PL1022 3:10"),
        new("a list of manifests to extend", Kiosk, "boards: [box]", "extends: [desk]", "PL1006 3:10"),
        new("manifests that extend each other", Kiosk, "boards: [box]", "extends: desk\nboards: [box]", "PL1021 1:10", true) { With = [("images/desk/image.yaml", "extends: kiosk\n")] },
        new("a base that cannot be read", Kiosk, "boards: [box]", "extends: desk\nboards: [box]", "PL1002 2:1, PL1023 3:10") { With = [("images/desk/image.yaml", "[")] },
        new("a base with a mistake of its own", Kiosk, "boards: [box]", "extends: base\nboards: [box]", "PL1043 3:13") { With = [("images/base/image.yaml", "abstract: true\ncustomize:\n  timezone: Berlin\n")] },
        new("no source", Kiosk, "source: registry.example/kiosk:1\n", "", "PL1026 1:1"),
        new("no boards", Kiosk, "boards: [box]\n", "", "PL1027 1:1"),
        new("an unknown board", Kiosk, "boards: [box]", "boards: [bx, uefi-x86-64]", "PL1030 3:10, PL1030 3:14", true),
        new("a board twice", Kiosk, "boards: [box]", "boards: [box, box]", "PL1032 3:15"),
        new("a board with a mistake of its own", Box, "size: 64MiB", "size: 64", "PL1013 9:11, PL1031 3:10"),
        new("an output twice", Kiosk, "outputs: [disk]", "outputs: [disk, {kind: disk, compression: xz}]", "PL1033 4:17"),
        new("an output of LinuxKit of a container", Kiosk, "outputs: [disk]", "outputs: [kernel+initrd]", "PL1170 4:11"),
        new("a packed root of a LinuxKit system", Kiosk, "source: registry.example/kiosk:1\nboards: [box]\noutputs: [disk]", "source: linuxkit:kit.yml\nboards: [box]\noutputs: [{kind: live, root: squashfs}]", "PL1171 4:30")
        {
            With = [("images/kiosk/kit.yml", "kernel: {image: linuxkit/kernel:1}\n")],
        },
        new("a LinuxKit file that is not there", Kiosk, "registry.example/kiosk:1", "linuxkit:kit.yml", "PL3301 2:9"),
        new("a key of live systems on a disk", Kiosk, "outputs: [disk]", "outputs: [{kind: disk, verity: true}]", "PL1075 4:24"),
        new("a block map of a folder", Kiosk, "outputs: [disk]", "outputs: [{kind: esp, bmap: true}]", "PL1075 4:23"),
        new("a system on a stick that is all initrd", Kiosk, "outputs: [disk]", "outputs: [{kind: live, root: initrd}]", "PL1075 4:30"),
        new("a root with the blocks of another", Kiosk, "outputs: [disk]", "outputs: [{kind: netboot, root: {type: initrd, block: 1MiB}}]", "PL1075 4:48"),
        new("a root packed harder than can be", Kiosk, "outputs: [disk]", "outputs: [{kind: live, root: {type: squashfs, compression: gzip, level: 12}}]", "PL1099 4:73"),
        new("an address without its scheme", Kiosk, "outputs: [disk]", "outputs: [{kind: netboot, baseUrl: boot.example/kiosk}]", "PL1135 4:36"),
        new("an address with a query", Kiosk, "outputs: [disk]", "outputs: [{kind: netboot, baseUrl: 'http://boot.example/?a=${b}'}]", "PL1135 4:36"),
        new("a persistence that holds nothing", Kiosk, "outputs: [disk]", "outputs: [{kind: iso, persistence: 1KiB}]", "PL1141 4:36"),
        new("a program for UEFI that knows no address", Kiosk, "outputs: [disk]", "outputs: [{kind: netboot, efi: true}]", "PL1140 4:27"),
        new("a program for UEFI on a disk", Kiosk, "outputs: [disk]", "outputs: [{kind: live, efi: true}]", "PL1075 4:24"),
        new("a root behind verity in a file", Kiosk, "outputs: [disk]", "outputs: [{kind: live, verity: true, rootIn: file}]", "PL1075 4:46"),
        new("a label of a live disk in lower case", Kiosk, "outputs: [disk]", "outputs: [{kind: live, label: kiosk}]", "PL1133 4:31"),
        new("a label of a live disk that FAT does not hold", Kiosk, "outputs: [disk]", "outputs: [{kind: esp, label: KIOSK-OF-MINE}]", "PL1133 4:30"),
        new("an ISO with dm-verity", Kiosk, "outputs: [disk]", "outputs: [{kind: iso, verity: true}]", "PL1075 4:23"),
        new("a label of an ISO that is too long", Kiosk, "outputs: [disk]", "outputs: [{kind: iso, label: a-label-of-more-than-thirty-two-ch}]", "PL1133 4:30"),
        new("a payload on a disk", Kiosk, "outputs: [disk]", "outputs: [{kind: disk, payload: registry.example/system:1}]", "PL1075 4:24"),
        new("a payload that is no reference", Kiosk, "outputs: [disk]", "outputs: [{kind: iso, payload: system}]", "PL1034 4:32"),
        new("a payload without documents", Kiosk, "outputs: [disk]", "outputs: [{kind: iso, payload: {image: tar:system.tar, name: registry.example/system:1}}]", "PL1136 4:40"),
        new("a payload of a directory without a name", Kiosk, "outputs: [disk]", "outputs: [{kind: iso, payload: oci:system}]", "PL1137 4:32"),
        new("a payload with a name that no registry has", Kiosk, "outputs: [disk]", "outputs: [{kind: iso, payload: {image: oci:system, name: My System}}]", "PL1137 4:58"),
        new("a payload in a relative path", Kiosk, "outputs: [disk]", "outputs: [{kind: live, payload: {image: registry.example/system:1, path: payload}}]", "PL1044 4:74"),
        new("a pattern without a slash", Kiosk, "outputs: [disk]", "outputs: [{kind: live, exclude: [boot/*]}]", "PL1134 4:34"),
        new("a pattern with two stars in a name", Kiosk, "outputs: [disk]", "outputs: [{kind: live, exclude: [/usr/**/a, /usr/a**]}]", "PL1134 4:45"),
        new("a source without a registry", Kiosk, "registry.example/kiosk:1", "debian:12", "PL1034 2:9", true),
        new("a source with docker://", Kiosk, "registry.example/kiosk:1", "docker://debian", "PL1034 2:9"),
        new("a source with capitals", Kiosk, "registry.example/kiosk:1", "registry.example/Kiosk:1", "PL1034 2:9"),
        new("a source with a bad tag", Kiosk, "registry.example/kiosk:1", "registry.example/kiosk:a:b", "PL1034 2:9"),
        new("a source with a short digest", Kiosk, "registry.example/kiosk:1", "registry.example/kiosk@sha256:12", "PL1034 2:9"),
        new("a source at a port that there is not", Kiosk, "registry.example/kiosk:1", "registry.example:99999/kiosk:1", "PL1034 2:9"),
        new("a source with a password", Kiosk, "registry.example/kiosk:1", "me:s3cret@registry.example/kiosk:1", "PL1034 2:9"),
        new("a source with a space", Kiosk, "registry.example/kiosk:1", "registry.example/kiosk 1", "PL1034 2:9"),
        new("oci: without a directory", Kiosk, "registry.example/kiosk:1", "'oci:'", "PL1034 2:9"),
        new("oci: with a bad tag", Kiosk, "registry.example/kiosk:1", "oci:layout:a b", "PL1034 2:9"),
        new("docker-archive: without a tag", Kiosk, "registry.example/kiosk:1", "docker-archive:a.tar:kiosk", "PL1034 2:9"),
        new("a command that is not there", Kiosk, "registry.example/kiosk:1", "command:build.sh", "PL1035 2:9"),
        new("a command outside its folder", Kiosk, "registry.example/kiosk:1", "command:../build.sh", "PL1036 2:9"),
        new("a label with a space", Kiosk, "title: Kiosk", "the title: Kiosk", "PL1037 15:3"),
        new("discoverable partitions on a board that has none", Kiosk, "  hostname: kiosk\n", "  hostname: kiosk\n  fstab: discoverable\n", "PL1038 7:10") { With = [(Box, ManifestRepository.BoxText.Replace("type: root", "type: linux", StringComparison.Ordinal))] },
        new("a suspended image is checked too", Kiosk, "boards: [box]", "suspend: true\nboards: [bx]", "PL1030 4:10"),
    ];

    private static Mistake[] Customizations =>
    [
        new("a host name with a space", Kiosk, "hostname: kiosk", "hostname: my kiosk", "PL1040 6:13", true),
        new("a host name with an underscore", Kiosk, "hostname: kiosk", "hostname: my_kiosk", "PL1040 6:13"),
        new("two kernel arguments in one", Kiosk, "[quiet]", "[quiet splash]", "PL1041 7:21"),
        new("a kernel argument with a line feed", Kiosk, "[quiet]", "[\"quiet\\nroot=/dev/sda\"]", "PL1041 7:21"),
        new("a kernel argument with an open quote", Kiosk, "[quiet]", "['a=\"b']", "PL1041 7:21"),
        new("a locale in words", Kiosk, "  hostname: kiosk\n", "  hostname: kiosk\n  locale: German\n", "PL1042 7:11"),
        new("a time zone without its area", Kiosk, "  hostname: kiosk\n", "  hostname: kiosk\n  timezone: Berlin\n", "PL1043 7:13", true),
        new("a relative path in the image", Kiosk, "path: /etc/motd", "path: etc/motd", "PL1044 9:13", true),
        new("a path with ..", Kiosk, "path: /etc/motd", "path: /etc/../motd", "PL1045 9:13"),
        new("a file with two contents", Kiosk, "text: hello", "text: hello\n      link: /etc/issue", "PL1046 11:7"),
        new("a file without content", Kiosk, "      text: hello\n", "", "PL1046 9:7"),
        new("a file of the repository that is not there", Kiosk, "text: hello", "source: files/motd", "PL1047 10:15", true),
        new("a file from outside the repository", Kiosk, "text: hello", "source: ../../../etc/passwd", "PL1036 10:15"),
        new("a file by its absolute path", Kiosk, "text: hello", "source: /etc/passwd", "PL1036 10:15"),
        new("a mode in decimal", Kiosk, "text: hello", "text: hello\n      mode: 0998", "PL1048 11:13"),
        new("a mode of a link", Kiosk, "text: hello", "link: issue\n      mode: 0644", "PL1057 11:7"),
        new("an owner with a space", Kiosk, "text: hello", "text: hello\n      owner: the root", "PL1049 11:14"),
        new("a file twice", Kiosk, "text: hello", "text: hello\n    - path: /etc/motd\n      text: bye", "PL1050 11:13"),
        new("a file in a file", Kiosk, "text: hello", "text: hello\n    - path: /etc/motd/today\n      text: bye", "PL1051 11:13"),
        new("a user name with a capital", Kiosk, "name: guest", "name: Guest", "PL1052 12:13"),
        new("a group name with a space", Kiosk, "uid: 1000", "uid: 1000\n      groups: [the wheel]", "PL1052 14:16"),
        new("a user twice", Kiosk, "uid: 1000", "uid: 1000\n    - name: guest", "PL1053 14:13"),
        new("a user id twice", Kiosk, "uid: 1000", "uid: 1000\n    - name: host\n      uid: 1000", "PL1053 15:12"),
        new("a password instead of its hash", Kiosk, "uid: 1000", "uid: 1000\n      passwordHash: secret", "PL1054 14:21", true),
        new("an ssh key that is cut", Kiosk, "uid: 1000", "uid: 1000\n      sshKeys: [ssh-ed25519 AAAA]", "PL1055 14:17"),
        new("an ssh key of no type", Kiosk, "uid: 1000", "uid: 1000\n      sshKeys: [AAAA]", "PL1055 14:17"),
        new("a private key", Kiosk, "uid: 1000", "uid: 1000\n      sshKeys: ['-----BEGIN OPENSSH PRIVATE KEY-----']", "PL1056 14:17"),
        new("a home with a colon", Kiosk, "uid: 1000", "uid: 1000\n      home: /home/a:b", "PL1045 14:13"),
    ];
}
