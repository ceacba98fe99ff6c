using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using Pipeline.Core.Diagnostics;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Manifests.LinuxKit;

public sealed class LinuxKitReaderTests : IDisposable
{
    private const string Sound = """
        kernel:
          image: linuxkit/kernel:6.6.71
          cmdline: console=ttyS0
        init:
          - linuxkit/init:v1
        onboot:
          - name: dhcpcd
            image: linuxkit/dhcpcd:v1
        services:
          - name: nginx
            image: nginx
            capabilities: [CAP_CHOWN]
            binds: [/run:/run]
        files:
          - path: etc/motd
            contents: hello
        volumes:
          - name: data
          - name: fixed
            image: busybox
            readonly: true

        """;

    private readonly LinuxKitFiles _files = new();

    /// <summary>Title, what is replaced by what, and each diagnostic as CODE LINE:COLUMN.</summary>
    private static readonly (string Title, string Old, string New, string Expected)[] Mistakes =
    [
        ("an unknown key", "capabilities:", "capabilites:", "PL1004 12:5"),
        ("a key of another section", "cmdline: console=ttyS0", "command: [x]", "PL1004 3:3"),
        ("a number where a list is wanted", "[CAP_CHOWN]", "7", "PL1006 12:19"),
        ("a text where a truth is wanted", "readonly: true", "readonly: yes", "PL1006 21:15"),
        ("a container without an image", "    image: linuxkit/dhcpcd:v1\n", "", "PL1005 7:5"),
        ("a name that is a path", "name: nginx", "name: ../nginx", "PL1008 10:11"),
        ("a volume with capitals", "name: data", "name: Data", "PL1008 18:11"),
        ("a service that is there twice", "files:\n", "  - name: nginx\n    image: nginx\nfiles:\n", "PL3304 14:11"),
        ("a volume that is there twice", "name: fixed", "name: data", "PL3304 19:11"),
        ("no kernel", "  image: linuxkit/kernel:6.6.71\n", "", "PL3305 2:3"),
        ("no kernel at all", "kernel:\n  image: linuxkit/kernel:6.6.71\n  cmdline: console=ttyS0\n", "", "PL3305 1:1"),
        ("an unknown capability", "[CAP_CHOWN]", "[CAP_CHWON]", "PL3306 12:20"),
        ("a capability without CAP_", "[CAP_CHOWN]", "[net_admin]", "PL3306 12:20"),
        ("a bind without a destination", "[/run:/run]", "[/run]", "PL3307 13:13"),
        ("a bind to a relative path", "[/run:/run]", "['/run:run']", "PL3307 13:13"),
        ("memory at a relative path", "binds: [/run:/run]", "tmpfs: ['tmp:size=1m']", "PL3307 13:13"),
        ("a limit without a hard one", "binds: [/run:/run]", "rlimits: ['nofile,1024']", "PL3308 13:15"),
        ("an unknown limit", "binds: [/run:/run]", "rlimits: ['files,1,2']", "PL3308 13:15"),
        ("a soft limit above the hard one", "binds: [/run:/run]", "rlimits: ['nofile,unlimited,2']", "PL3308 13:15"),
        ("a mount without a kind", "binds: [/run:/run]", "mounts: [{destination: /x}]", "PL3309 13:14"),
        ("a mount without a destination", "binds: [/run:/run]", "mounts: [{type: tmpfs}]", "PL3309 13:14"),
        ("a bind of an unknown volume", "[/run:/run]", "['dta:/srv']", "PL3310 10:5"),
        ("a read-only volume that would be written", "[/run:/run]", "['fixed:/srv']", "PL3311 10:5"),
        ("a user that is no container", "binds: [/run:/run]", "uid: ngnix", "PL3312 13:10"),
        ("a group of a file that is no container", "contents: hello", "contents: hello\n    gid: who", "PL3312 17:10"),
        ("a file with two contents", "contents: hello", "contents: hello\n    symlink: /x", "PL3313 17:5"),
        ("a file without content", "    contents: hello\n", "", "PL3313 15:5"),
        ("a source that is not there", "contents: hello", "source: motd", "PL3314 16:13"),
        ("a file with dots", "path: etc/motd", "path: ../etc/motd", "PL3317 15:11"),
        ("platforms of a file system", "readonly: true", "platforms: [linux/arm64]", "PL3318 21:5"),
        ("a format without an image", "name: data", "name: data\n    format: oci", "PL3319 18:5"),
        ("a package directory", "image: linuxkit/dhcpcd:v1", "image: '@pkg:./dhcpcd'", "PL3303 8:12"),
        ("an image by its address", "image: nginx", "image: https://example.com/nginx", "PL3303 11:12"),
        ("an image with capitals", "image: nginx", "image: Nginx", "PL3303 11:12"),
        ("a script as an image", "image: nginx", "image: command:build.sh", "PL3303 11:12"),
        ("trust", "init:\n", "trust: {org: [linuxkit]}\ninit:\n", "PL3316 4:1"),
        ("a device of an unknown type", "binds: [/run:/run]", "devices: [{path: /dev/x, type: x}]", "PL1007 13:36"),
        ("a mode that is not octal", "contents: hello", "contents: hello\n    mode: rw", "PL1008 17:11"),
        ("a root that is shared in a new way", "binds: [/run:/run]", "rootfsPropagation: share", "PL1007 13:24"),
    ];

    public static TheoryData<string> Titles => [.. Mistakes.Select(m => m.Title)];

    [Fact]
    public void A_sound_file_has_no_mistakes()
    {
        _files.Write("a.yml", Sound);
        _files.Read("a.yml").Diagnostics.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Titles))]
    public void Mistake(string title)
    {
        var (_, old, replacement, expected) = Mistakes.Single(m => m.Title == title);
        Sound.ShouldContain(old);
        var diagnostics = ReadWith(old, replacement);
        string.Join(", ", diagnostics.Select(d => $"{d.Rule.Code} {d.Span!.Line}:{d.Span.Column}")).ShouldBe(expected, string.Join('\n', diagnostics));
        diagnostics.ShouldAllBe(d => d.Span!.File == "a.yml");
    }

    [Fact]
    public void All_that_is_printed()
    {
        var text = new StringBuilder();
        foreach (var (title, old, replacement, _) in Mistakes)
            text.Append($"# {title}\n{string.Concat(ReadWith(old, replacement).Select(d => DiagnosticFormat.Human(d) + "\n"))}");
        foreach (var names in Elsewhere.Select(e => (string)e))
            text.Append($"# linuxkit:{names}\n{string.Concat(_files.Read(names).Diagnostics.Select(d => DiagnosticFormat.Human(d) + "\n"))}");
        Golden.Match("mistakes.txt", text.ToString());
    }

    public static TheoryData<string> Elsewhere => ["-", "https://example.com/linuxkit.yml", "../a.yml", "/etc/linuxkit.yml", "b.yml", "a.yml,", "a.yml,missing.yml"];

    [Theory]
    [MemberData(nameof(Elsewhere))]
    public void Files_are_those_of_the_repository(string names)
    {
        _files.Write("a.yml", Sound);
        var read = _files.Read(names);
        read.Diagnostics.ShouldHaveSingleItem().Rule.Code.ShouldBe(names is "b.yml" or "a.yml,missing.yml" ? "PL3301" : "PL3302");
        read.Diagnostics[0].Span!.File.ShouldBe("images/box/image.yaml");
    }

    [Fact]
    public void Every_rule_has_a_mistake()
    {
        var raised = Mistakes.SelectMany(m => ReadWith(m.Old, m.New)).Select(d => d.Rule.Code).Concat(["PL3301", "PL3302"]).ToHashSet();
        var rules = typeof(LinuxKitRules).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => ((Rule)f.GetValue(null)!).Code);
        // A file outside, a label, a board: see the tests of those.
        rules.Where(r => !raised.Contains(r)).ShouldBe(["PL3315", "PL3321", "PL3320"], ignoreOrder: true);
    }

    [Fact]
    public void Several_files_are_one()
    {
        _files.Write("a.yml", Sound);
        _files.Write("b.yml", """
            kernel:
              cmdline: ""
              ucode: intel-ucode.cpio
            services:
              - name: second
                image: registry.example:5000/second
                binds: ["data:/srv", "late:/late"]
            volumes:
              - name: late
            """);
        var read = _files.Read("a.yml,b.yml");
        read.Diagnostics.ShouldBeEmpty();
        var document = read.Value!;
        document.Kernel.Image.Source.Text.ShouldBe("docker.io/linuxkit/kernel:6.6.71");
        document.Kernel.CommandLine.ShouldBe("console=ttyS0");
        document.Kernel.Microcode.ShouldBe("intel-ucode.cpio");
        document.Services.Select(s => s.Name).ShouldBe(["nginx", "second"]);
        document.Volumes.Select(v => v.Name).ShouldBe(["data", "fixed", "late"]);
        document.Ids.OrderBy(i => i.Value).Select(i => $"{i.Key} {i.Value}").ShouldBe(["dhcpcd 100", "nginx 101", "second 102"]);
    }

    [Fact]
    public void Every_file_is_judged_at_its_own_place()
    {
        _files.Write("a.yml", Sound);
        _files.Write("sub/b.yml", "servces: []\n");
        _files.Write("sub/c.yml", "services:\n  - name: nginx\n    image: nginx\n");
        _files.Read("a.yml,sub/b.yml").Diagnostics.Select(d => d.ToString()).ShouldHaveSingleItem().ShouldStartWith("sub/b.yml:1:1: error PL1004: unknown key 'servces' in linuxkit file; did you mean 'services'?");
        _files.Read("a.yml,sub/c.yml").Diagnostics.Select(d => d.ToString()).ShouldHaveSingleItem().ShouldStartWith("sub/c.yml:2:11: error PL3304: the service 'nginx' is already at a.yml:10:11");
    }

    [Theory]
    [InlineData("nginx", "docker.io/library/nginx")]
    [InlineData("linuxkit/init:v1", "docker.io/linuxkit/init:v1")]
    [InlineData("ghcr.io/a/b@sha256:x", "ghcr.io/a/b@sha256:x")]
    [InlineData("localhost/x", "localhost/x")]
    [InlineData("oci:layout:init", "oci:layout:init")]
    public void Names_of_images_are_those_of_LinuxKit(string written, string whole) => LinuxKitImages.Expand(written).ShouldBe(whole);

    [Fact]
    public void Sources_of_files_lie_beside_the_file_that_names_them()
    {
        _files.Write("sub/b.yml", Sound.Replace("contents: hello", "source: motd", StringComparison.Ordinal));
        _files.Write("sub/motd", "x");
        _files.Read("sub/b.yml").Value!.Files.ShouldHaveSingleItem().Value.ShouldBe(Path.Combine(_files.Folder, "sub/motd"));
    }

    [Fact]
    public void An_optional_source_may_be_missing_and_one_outside_is_told()
    {
        using var outside = new TempDir();
        File.WriteAllText(outside["key"], "k");
        ReadWith("contents: hello", "source: motd\n    optional: true").ShouldBeEmpty();
        ReadWith("contents: hello", $"source: {outside["key"]}").ShouldHaveSingleItem().Rule.ShouldBe(LinuxKitRules.FileOutside);
    }

    [Fact]
    public void The_metadata_is_the_merged_configuration()
    {
        _files.Write("a.yml", Sound.Replace("contents: hello", "metadata: yaml\n    mode: \"0644\"", StringComparison.Ordinal));
        _files.Write("b.yml", "trust: {org: [x]}\ninit: [oci:layout:init]\n");
        var document = _files.Read("a.yml,b.yml").Value!;
        Golden.Match("metadata.yaml", document.Yaml);
        JsonNode.DeepEquals(JsonNode.Parse(document.Json), JsonNode.Parse(ToJson(document.Yaml))).ShouldBeTrue();
        _files.Write("again.yml", document.Yaml);
        _files.Read("again.yml").Value!.Json.ShouldBe(document.Json);
    }

    private static string ToJson(string yaml)
    {
        var run = Tool.Run(new System.Diagnostics.ProcessStartInfo("python3", ["-c", "import sys, json, yaml; print(json.dumps(yaml.safe_load(sys.stdin)))"]), yaml);
        run.ExitCode.ShouldBe(0, run.Output);
        return run.Stdout;
    }

    private IReadOnlyList<Diagnostic> ReadWith(string old, string replacement)
    {
        _files.Write("a.yml", Sound.Replace(old, replacement, StringComparison.Ordinal));
        return _files.Read("a.yml").Diagnostics;
    }

    public void Dispose() => _files.Dispose();
}
