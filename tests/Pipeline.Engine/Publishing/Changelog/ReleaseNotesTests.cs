using System.Collections.Immutable;
using Pipeline.Core.Units;
using Pipeline.Engine.Git;
using Pipeline.Engine.Planning;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Publishing.Changelog;

public sealed class ReleaseNotesTests
{
    [Fact]
    public void The_first_release() => Golden.Match("first.md", ReleaseNotes.Write(new(
        Record("20261121.0", null, Target("pc", 'a', "12.7", 512 << 20, 'c'), Target("pi", 'b', "12.7", 600 << 20, 'd')), null, "Kiosk for the lobby")
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
        Commits = [new(new('1', 40), "Rename the kiosk, fixes #12 | @everyone <b>"), new(new('2', 40), "Widen the root")],
        HasUncommittedChanges = true,
    }));

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
