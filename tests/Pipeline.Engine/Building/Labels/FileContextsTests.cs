using System.Text;
using Pipeline.Core.Files;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Building.Labels;

/// <summary>The judge is libselinux's own <c>matchpathcon</c>, asked about the policy of Debian.</summary>
public sealed class FileContextsTests
{
    private const string Policy = "/etc/selinux/default/contexts/files/file_contexts";

    private static readonly (char Kind, string Class, FileNode Node)[] Kinds =
    [
        ('-', "file", new RegularFile()), ('d', "dir", new DirectoryNode()), ('l', "lnk_file", new SymbolicLink { Target = [] }),
        ('c', "chr_file", new SpecialFile { Kind = SpecialKind.CharacterDevice }), ('b', "blk_file", new SpecialFile { Kind = SpecialKind.BlockDevice }),
        ('p', "pipe", new SpecialFile { Kind = SpecialKind.Fifo }), ('s', "sock_file", new SpecialFile { Kind = SpecialKind.Socket }),
    ];

    [Fact]
    public void Every_path_has_the_label_that_libselinux_gives_it()
    {
        var contexts = Debian();
        var paths = Sample().ToList();
        paths.Count.ShouldBeGreaterThan(4000);
        foreach (var (kind, type, node) in Kinds)
        {
            var theirs = Theirs(Policy, type, paths);
            var wrong = paths.Where(p => (contexts.Find(p, node) ?? FileContexts.None) != theirs[p])
                .Select(p => $"{kind} {p}: {contexts.Find(p, node)} and not {theirs[p]}").ToList();
            wrong.ShouldBeEmpty(string.Join('\n', wrong.Take(20)));
        }
        contexts.PassedOver.ShouldBeEmpty();
    }

    /// <summary>Rules made to trip over: order, kinds, escapes, classes, no label, substitutions one behind the other.</summary>
    [Fact]
    public void Odd_rules_mean_what_libselinux_says()
    {
        using var temp = new TempDir();
        File.WriteAllText(temp["fc"], """
            # a comment
            /.*                    system_u:object_r:default_t:s0
            /a/exact       --      u:object_r:exact_file_t:s0
            /a/.*                  u:object_r:a_t:s0
            /a/exact               u:object_r:exact_t:s0
            /a/ex.ct       -d      u:object_r:pattern_dir_t:s0
            /a/b\.c                u:object_r:escaped_t:s0
            /a/x[[:digit:]]+(/.*)? u:object_r:digits_t:s0
            /a/y[^0-9/]*           u:object_r:nodigit_t:s0
            /a/none(/.*)?          <<none>>
            /a/(p|q)/r?s           u:object_r:alternatives_t:s0
            /opt|/srv/one          u:object_r:loose_t:s0
            /z{2,3}                u:object_r:counted_t:s0
            /a/\d+                 u:object_r:perl_t:s0
            /a/[]x-]k              u:object_r:bracket_t:s0
            /a/u?                  u:object_r:optional_t:s0

            """);
        File.WriteAllText(temp["fc"] + ".homedirs", "/home/[^/]+/.+ u:object_r:home_t:s0\n");
        File.WriteAllText(temp["fc"] + ".local", "/a/local u:object_r:local_t:s0\n/a/.*\\.l u:object_r:local_pattern_t:s0\n");
        File.WriteAllText(temp["fc"] + ".subs", "/s1 /a\n/s1/deep /home/x\n/s2 /s3\n/root /\n");
        File.WriteAllText(temp["fc"] + ".subs_dist", "/s3 /a\n/s1 /home/y\n");
        string[] paths =
        [
            "/", "/a", "/a/exact", "/a/exact2", "/a/exoct", "/a/b.c", "/a/bxc", "/a/x1", "/a/x12/f", "/a/x", "/a/yab", "/a/y1", "/a/none", "/a/none/x", "/a/p/s", "/a/q/rs", "/a/p/rrs",
            "/opt", "/srv/one", "/opt/x", "/z", "/zz", "/zzz", "/zzzz", "/a/12", "/a/]k", "/a/-k", "/a/xk", "/a/u", "/a/", "/home/u/f", "/a/local", "/a/f.l", "/s1/exact", "/s1", "/s1x/exact",
            "/s1/deep/f", "/s2/exact", "/s3/exact", "/root/a/exact", "/root", "/a/b\nc",
        ];
        var contexts = new FileContexts(
            new[] { "", ".homedirs", ".local" }.Select(e => File.ReadAllText(temp["fc"] + e)), File.ReadAllText(temp["fc"] + ".subs"), File.ReadAllText(temp["fc"] + ".subs_dist"));
        foreach (var (kind, type, node) in Kinds.Take(3))
        {
            var theirs = Theirs(temp["fc"], type, paths.Where(p => p is not ("/a/" or "/a/b\nc")));
            foreach (var (path, theirContext) in theirs)
                (contexts.Find(path, node) ?? FileContexts.None).ShouldBe(theirContext, $"{kind} {path}");
        }
        contexts.Find("/a/b\nc", Kinds[0].Node).ShouldBe("u:object_r:a_t:s0");
    }

    [Theory]
    [InlineData("/a/(b)\\1")]
    [InlineData("/a/(?=b)c")]
    [InlineData("/a/b*+c")]
    [InlineData("/a/[b")]
    [InlineData("/a/(b")]
    [InlineData("/a/b{1,1000}")]
    [InlineData("/a/[[:nothing:]]")]
    public void What_cannot_be_matched_is_told_and_passed_over(string pattern)
    {
        var contexts = new FileContexts([$"/.* u:r:t:s0\n{pattern} u:r:x:s0\n"], null, null);

        contexts.Find("/a/b", Kinds[0].Node).ShouldBe("u:r:t:s0");
        contexts.Find("/a/bc", Kinds[0].Node).ShouldBe("u:r:t:s0");
        contexts.PassedOver.Keys.ShouldBe([pattern]);
    }

    /// <summary>That it ends is the proof: with backtracking it would not, and no clock is asked.</summary>
    [Fact]
    public void A_pattern_that_would_backtrack_for_ever_does_not()
    {
        var contexts = new FileContexts(["/(a*)*b(a|a)*(a|aa)+c u:r:t:s0\n"], null, null);

        contexts.Find("/" + new string('a', 4000), Kinds[0].Node).ShouldBeNull();
    }

    [Fact]
    public void The_judge_says_no_to_another_label()
    {
        using var temp = new TempDir();
        File.WriteAllText(temp["fc"], "/a u:object_r:x_t:s0\n");

        Theirs(temp["fc"], "file", ["/a"])["/a"].ShouldNotBe(new FileContexts(["/a u:object_r:y_t:s0\n"], null, null).Find("/a", Kinds[0].Node));
    }

    private static FileContexts Debian() =>
        new([File.ReadAllText(Policy), File.ReadAllText(Policy + ".homedirs")], null, File.ReadAllText(Policy + ".subs_dist"));

    /// <summary>Paths of this machine, and for each rule of the policy one that it may match.</summary>
    private static IEnumerable<string> Sample()
    {
        var rules = File.ReadLines(Policy).Concat(File.ReadLines(Policy + ".homedirs"))
            .Where(l => l.StartsWith('/')).Select(l => l.Split((char[])[' ', '\t'])[0])
            .Select(p => p.Replace("(/.*)?", "/some/where", StringComparison.Ordinal).Replace("[^/]*", "any", StringComparison.Ordinal).Replace("[^/]+", "any", StringComparison.Ordinal)
                .Replace(".*", "x.1", StringComparison.Ordinal).Replace(".+", "y", StringComparison.Ordinal).Replace("[0-9]+", "12", StringComparison.Ordinal).Replace("\\", "", StringComparison.Ordinal))
            .Select(p => new string([.. p.Where(c => c is not ('(' or ')' or '?' or '*' or '+' or '|' or '[' or ']' or '^' or '$' or '{' or '}'))]));
        var machine = Tool.Require("bash", "-c", "find /etc /usr/bin /usr/lib /usr/sbin /var /bin /opt -xdev -maxdepth 4 2>/dev/null | LC_ALL=C sort | awk 'NR % 11 == 0'")
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return rules.Concat(machine).Where(p => p.Length > 1 && p.All(c => c is > ' ' and < '\u007f') && !p.Contains("//", StringComparison.Ordinal) && !p.EndsWith('/')).Distinct(StringComparer.Ordinal);
    }

    private static Dictionary<string, string> Theirs(string policy, string type, IEnumerable<string> paths)
    {
        using var temp = new TempDir();
        File.WriteAllText(temp["paths"], string.Join('\0', paths), Encoding.Latin1);
        var answers = Tool.Require("bash", "-c", $"xargs -0 -n 5000 matchpathcon -f {policy} -m {type} < {temp["paths"]}");
        return answers.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('\t')).ToDictionary(p => p[0], p => p[1], StringComparer.Ordinal);
    }
}
