using System.Collections.Immutable;
using System.Text;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Engine.Git;
using Pipeline.Engine.Inventories;
using Pipeline.Engine.Manifests.Notes;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing.Packages;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Publishing.Changelog;

public sealed class ReleaseNotesTests
{
    [Fact]
    public void The_first_release() => Golden.Match("first.md", ReleaseNotes.Write(new(
        Record("20261121.0", null, Target("pc", 'a', "12.7", 512 << 20, 'c'), Packed(Target("pi", 'b', "12.7", 600 << 20, 'd'))), null, "Kiosk for the lobby")
    {
        Reasons = Because(("kiosk/pc/disk", [Reason.NeverPublished]), ("kiosk/pi/disk", [Reason.NeverPublished])),
    }));

    [Fact]
    public void A_base_that_moved_with_commits_and_a_board_carried_over() => Golden.Match("moved.md", ReleaseNotes.Write(new(
        Record("20261122.0", "20261121.0", Target("pc", 'e', "12.8", (512 << 20) + 1536 * 1024, 'f'), Target("pi", 'b', "12.7", 600 << 20, 'd')),
        Record("20261121.0", null, Target("pc", 'a', "12.7", 512 << 20, 'c'), Target("pi", 'b', "12.7", 600 << 20, 'd'), Target("old", 'b', "12.7", 1, '0')),
        "Kiosk for the lobby")
    {
        Reasons = Because(("kiosk/pc/disk", [new("customize.hostname", "old|name", "new`name"), new("source.manifest", Sha('a'), Sha('e'))])),
        Commits = [new(new('1', 40), "Rename the kiosk, fixes #12 | @everyone <b>"), new(new('2', 40), "Widen the root (#7)")],
        HasUncommittedChanges = true,
    }));

    [Fact]
    public void A_repository_on_GitHub_has_links_and_settings_are_told_in_words() => Golden.Match("linked.md", ReleaseNotes.Write(new(
        Record("20270111.0", "20261121.0", With(Target("pc", 'a', "12.7", 512 << 20, 'f'),
            ("board.partitions[1].name", "root"), ("board.partitions[1].size", "2 GiB"), ("customize.files[/etc/motd].content", Sha('5')), ("customize.users[0].name", "op"), ("customize.users[0].sshKeys[1]", "ssh-ed25519 AAAA|B"))),
        Record("20261121.0", null, With(Target("pc", 'a', "12.7", 512 << 20, 'c'),
            ("board.partitions[1].name", "root"), ("board.partitions[1].size", "1 GiB"), ("customize.kernelArguments", "quiet"), ("customize.users[0].name", "op"))),
        "Kiosk for the lobby")
    {
        Reasons = Because(("kiosk/pc/disk", [new("board.partitions[1].size", "1 GiB", "2 GiB"), new("customize.kernelArguments", "quiet", null), new("customize.users[0].sshKeys[1]", null, "k")])),
        Commits = [new(new('1', 40), "Widen the root (#7)"), new(new('2', 40), "Say more, see #3"), new(new('3', 40), "Came (#5) by a merge")],
        PullRequests = ImmutableDictionary<string, int>.Empty.Add(new('2', 40), 9).Add(new('3', 40), 5),
        RepositoryAddress = "https://github.com/acme/images",
    }));

    [Fact]
    public void Packages_of_two_platforms_layers_and_kernels() => Golden.Match("packages.md", ReleaseNotes.Write(Packages()));

    [Fact]
    public void The_same_for_machines() => Golden.Match("packages.changes.json", Encoding.UTF8.GetString(ChangesJson.Write(Packages())));

    [Fact]
    public void A_rebuild_without_a_change_of_packages() => Golden.Match("rebuild.md", ReleaseNotes.Write(Of("kernel-core 6.8.1-1", "kernel-core 6.8.1-1")));

    [Fact]
    public void A_release_before_without_a_list() => Golden.Match("lost-list.md", ReleaseNotes.Write(Of(null, "kernel-core 6.8.1-1;bash 5.2-1")));

    [Fact]
    public void A_database_that_cannot_be_read() => Golden.Match("unreadable.md", ReleaseNotes.Write(Of("bash 5.2-1", "")));

    [Fact]
    public void The_first_release_with_packages()
    {
        var input = Of(null, "kernel-core 6.8.1-1;bash 5.2-1");
        Golden.Match("first-packages.md", ReleaseNotes.Write(input with
        {
            New = input.New with { Previous = null }, Old = null,
            Platforms = [input.Platforms[0] with { Past = Past.None }],
            Reasons = Because(("kiosk/pc/disk", [Reason.NeverPublished])),
        }));
    }

    [Fact]
    public void A_repository_has_a_text_of_its_own()
    {
        var bag = new DiagnosticBag();
        var template = new NotesTemplateReader("notes.md", bag).Read("{{image}} **{{version}}**{{#previous}} after {{previous}}{{/previous}}\n{{#highlights}}\n{{highlights}}\n{{/highlights}}\n{{^commits}}\nNo commits.\n{{/commits}}\n");
        bag.Count.ShouldBe(0);
        ReleaseNotes.Write(Of("kernel-core 6.8.1-1", "kernel-core 6.9.0-1"), template).ShouldBe(
            "kiosk **20261122.0** after 20261121.0\n|  | before | now |\n| --- | --- | --- |\n| kernel: kernel-core | `6.8.1-1` | `6.9.0-1` ⬆ |\nNo commits.\n");
    }

    [Fact]
    public void The_standard_text_has_every_name()
    {
        var bag = new DiagnosticBag();
        new NotesTemplateReader("notes.md", bag).Read(ReleaseNotes.StandardTemplate);
        bag.Count.ShouldBe(0);
        foreach (var name in NotesTemplate.Names.Keys.Except(["previous"]))
            ReleaseNotes.StandardTemplate.ShouldContain($"{{{{{name}}}}}");
    }

    /// <summary>Five thousand packages: what folds is closed again, and what is left out is counted.</summary>
    [Fact]
    public void A_distribution_that_moved_whole_stays_readable()
    {
        string All(string version) => string.Join(';', Enumerable.Range(0, 5000).Select(i => $"package-{i:0000} {version}-1"));
        var notes = ReleaseNotes.Write(Of(All("1"), All("2")));
        notes.Length.ShouldBeLessThan(PackagesBlock.LimitCharacters + 3000);
        notes.Split("<details>").Length.ShouldBe(notes.Split("</details>").Length);
        var shown = notes.Split('\n').Count(l => l.StartsWith("| package-", StringComparison.Ordinal));
        notes.ShouldContain($"\n{5000 - shown} more changes are in `kiosk.changes.json`.\n");
        notes.ShouldContain("<details><summary>⬆ Upgraded (5000)</summary>");
    }

    [Fact]
    public void Labels_that_the_containers_own_base_has_too_are_marked()
    {
        var input = Of("a 1-1", "a 1-1");
        var platform = input.Platforms[0];
        var notes = ReleaseNotes.Write(input with { Platforms = [platform with { New = platform.New with { InheritedLabels = ["org.opencontainers.image.version"] } }] });
        notes.ShouldContain("| org.opencontainers.image.version (of the image it was made from) | `12.7` | same |");
    }

    [Fact]
    public void Words_of_packages_format_nothing()
    {
        var notes = ReleaseNotes.Write(Of("x 1-1", "a|b@c<d> 1`2|3-1"));
        notes.ShouldContain("a\\|b&#64;c&lt;d&gt;");
        notes.ShouldContain("| `1'2\\|3-1` |");
    }

    [Theory]
    [InlineData("customize.hostname", "hostname")]
    [InlineData("customize.kernelArguments", "kernel arguments")]
    [InlineData("customize.files[/etc/a.b/c[1]].mode", "file /etc/a.b/c[1]: mode")]
    [InlineData("customize.files[/etc/motd].content", "file /etc/motd: content")]
    [InlineData("customize.users[0].sshKeys[1]", "user 'op': ssh keys 2")]
    [InlineData("board.partitions[3].filesystem.label", "partition 4: filesystem label")]
    [InlineData("board.boot.method", "boot: method")]
    [InlineData("board.boot.firmware[0]", "firmware 1")]
    [InlineData("board.table.type", "partition table: type")]
    [InlineData("engine.format", "engine: format")]
    [InlineData("something", "something")]
    public void Inputs_have_words(string input, string words) =>
        InputWords.Of(input, n => n == "customize.users[0].name" ? "op" : null).ShouldBe(words);

    [Fact]
    public void Nothing_but_forced() => Golden.Match("forced.md", ReleaseNotes.Write(new(
        Record("20261121.1", "20261121.0", Target("pc", 'a', "12.7", 512 << 20, 'c')),
        Record("20261121.0", null, Target("pc", 'a', "12.7", 512 << 20, 'c')),
        "")
    {
        Reasons = Because(("kiosk/pc/disk", [Reason.Forced])),
        Commits = [],
    }));

    [Fact]
    public void A_file_that_was_lost_and_a_script_for_a_base() => Golden.Match("lost.md", ReleaseNotes.Write(new(
        Record("20261121.1", "20261121.0", Script('a')), Record("20261121.0", null, Script('a')), "Made by a script")
    {
        Reasons = Because(("kiosk/pc/disk", [Reason.Lost("kiosk-pc.img")])),
    }));

    [Theory]
    [InlineData("plain words", "plain words")]
    [InlineData("a\nb\u001b[31m", "a b \\[31m")]
    [InlineData("![x](y) **b** ~~s~~", "!\\[x\\](y) \\*\\*b\\*\\* \\~\\~s\\~\\~")]
    [InlineData("<script>&", "&lt;script&gt;&amp;")]
    public void Words_of_others_format_nothing(string text, string escaped) => Markdown.Escape(text).ShouldBe(escaped);

    /// <summary>Two platforms: a kernel and mesa moved on both, one went back on one of them.</summary>
    private static ReleaseNotesInput Packages()
    {
        var common = "mesa-gl=mesa 24.0-1;mesa-dri=mesa 24.0-1;kernel-core 6.8.1-1;linux-firmware 2024-1;glibc 2.39-1;gone 1.0-1";
        var now = "mesa-gl=mesa 24.1-1;mesa-dri=mesa 24.1-1;kernel-core 6.8.1-1;kernel-core 6.8.4-1;linux-firmware 2024-2;glibc 2.39-1;fresh 1.0-1;fresh-doc=fresh 1.0-1";
        var input = Of(null, now);
        return input with
        {
            New = Record("20261122.0", "20261121.0", Target("pc", 'e', "12.8", 512 << 20, 'f'), Target("pi", 'b', "12.8", 600 << 20, 'd')),
            Old = Record("20261121.0", null, Target("pc", 'a', "12.7", 512 << 20, 'c'), Target("pi", 'b', "12.7", 600 << 20, 'd')),
            Reasons = Because(("kiosk/pc/disk", [new("source.manifest", Sha('a'), Sha('e'))]), ("kiosk/pi/disk", [new("source.manifest", Sha('a'), Sha('b'))])),
            Platforms =
            [
                Platform("linux/amd64", "pc", Source("linux/amd64", common, "6.8.1", 'a', 'b'), Source("linux/amd64", now, "6.8.4", 'a', 'c')),
                Platform("linux/arm64", "pi", Source("linux/arm64", common + ";bash 5.2-2;tool.armv7hl 1-1", "6.8.1", 'd'), Source("linux/arm64", now + ";bash 5.2-1;tool.aarch64 1-1", "6.8.4", 'e')),
            ],
            Highlights = ["mesa-*"],
        };
    }

    private static ReleaseNotesInput Of(string? old, string now)
    {
        var source = Source("linux/amd64", now, null, 'a', 'c');
        return new(
            Record("20261122.0", "20261121.0", Target("pc", 'a', "12.7", 512 << 20, 'c')),
            Record("20261121.0", null, Target("pc", 'a', "12.7", 512 << 20, 'c')),
            "")
        {
            Reasons = Because(("kiosk/pc/disk", [Reason.Forced])),
            Platforms = [Platform("linux/amd64", "pc", old is null ? null : Source("linux/amd64", old, null, 'a', 'c'), source)],
        };
    }

    private static PlatformPackages Platform(string platform, string board, SourceInventory? old, SourceInventory now) =>
        new([$"kiosk/{board}/disk"], new($"kiosk-{platform["linux/".Length..]}.packages.json", new(1), Digest.Parse(Sha('7'))), now, old, old is null ? Past.Lost : Past.Known);

    /// <param name="packages"><c>NAME[.ARCHITECTURE][=SOURCE] VERSION-RELEASE</c>, with semicolons between; nothing for a database that cannot be read.</param>
    private static SourceInventory Source(string platform, string packages, string? kernel, params char[] layers) => new("docker.io/library/fedora:40", Digest.Parse(Sha('8')), platform)
    {
        Kernels = kernel is null ? [] : [kernel],
        Layers = [.. layers.Select(l => new SourceLayer(Digest.Parse(Sha(l)), new(30 << 20)))],
        Packages = packages.Length == 0
            ? PackageInventory.Empty with { Unreadable = ["'/var/lib/rpm/Packages' is an RPM database in Berkeley DB format"] }
            : PackageInventory.Of(packages.Split(';').Select(p => Package(p.Split(' ')[0], p.Split(' ')[1])), ["/usr/lib/sysimage/rpm/rpmdb.sqlite"]),
    };

    private static Package Package(string name, string version)
    {
        var (names, hyphen) = (name.Split('='), version.LastIndexOf('-'));
        var words = names[0].Split('.');
        return new(PackageManager.Rpm, words[0], words.Length > 1 ? words[1] : "noarch", 0, version[..hyphen], version[(hyphen + 1)..]) { Source = names.Length > 1 ? names[1] : "" };
    }

    private static PublishedTarget With(PublishedTarget target, params (string, string)[] inputs) =>
        target with { Inputs = target.Inputs with { Deciding = target.Inputs.Deciding.SetItems(inputs.Select(i => KeyValuePair.Create(i.Item1, i.Item2))) } };

    private static ReleaseRecord Record(string version, string? previous, params PublishedTarget[] targets) => new(
        "kiosk", version, previous, new('9', 40), ImmutableSortedDictionary<string, string>.Empty,
        targets.ToImmutableSortedDictionary(t => t.Id, t => t, StringComparer.Ordinal));

    private static PublishedTarget Target(string board, char manifest, string baseVersion, long bytes, char sha) => new(
        $"kiosk/{board}/disk", "20261121.0",
        new(
            Map((InputNames.SourceManifest, Sha(manifest))),
            Map(
                (InputNames.SourceReference, "docker.io/library/debian:12"),
                (InputNames.SourceIndex, Sha(manifest == 'e' ? '2' : '1')),
                (InputNames.SourceLabelPrefix + "org.opencontainers.image.version", baseVersion))),
        [new($"kiosk-{board}.img", new(bytes), Digest.Parse(Sha(sha)))], []);

    private static PublishedTarget Packed(PublishedTarget target) => target with
    {
        Files = [target.Files[0] with { Name = target.Files[0].Name + ".zst", Unpacked = new(new(4L << 30), Digest.Parse(Sha('9'))) }],
    };

    private static PublishedTarget Script(char fingerprint) => new(
        "kiosk/pc/disk", "20261121.0",
        new(Map((InputNames.SourceManifest, Sha(fingerprint))), Map((InputNames.SourceReference, "command:build.sh"))),
        [new("kiosk-pc.img", new(4096), Digest.Parse(Sha('c')))], []);

    private static ImmutableDictionary<string, ImmutableArray<Reason>> Because(params (string Id, Reason[] Reasons)[] reasons) =>
        reasons.ToImmutableDictionary(r => r.Id, r => r.Reasons.ToImmutableArray());

    private static ImmutableSortedDictionary<string, string> Map(params (string, string)[] entries) =>
        entries.ToImmutableSortedDictionary(e => e.Item1, e => e.Item2, StringComparer.Ordinal);

    private static string Sha(char digit) => "sha256:" + new string(digit, 64);
}
