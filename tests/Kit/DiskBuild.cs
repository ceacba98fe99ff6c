using System.Collections.Immutable;
using System.Text;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Core.Reporting;
using Pipeline.Engine.Building.Boot;
using Pipeline.Engine.Building.Disks;
using Pipeline.Engine.Building.Rootfs;
using Pipeline.Engine.Manifests;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;
using Shouldly;

namespace Pipeline.Kit;

/// <summary>One disk on its way through the building room: a board in YAML, a tree, what a manifest adds.</summary>
internal sealed class DiskBuild : IDisposable
{
    public static readonly UnixTime Clock = new(1_700_000_000);
    private readonly TempDir _temp = new();
    private readonly RepositoryFiles _files = new();

    /// <param name="boot">The words after <c>boot:</c>.</param>
    /// <param name="before">Further lines of the board.</param>
    /// <param name="partitions">One a line, in YAML's flow style; null is an ESP at /boot/efi and a root.</param>
    public DiskBuild(string boot, string? partitions = null, string platform = "linux/amd64", string table = "{type: gpt}", string blobs = "[]", string before = "")
    {
        Directory.CreateDirectory(_temp["out"]);
        var text = $"description: a box\n{before}platform: {platform}\ntable: {table}\npartitions:\n"
            + string.Concat((partitions ?? EspAndRoot).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(p => $"  - {p.Trim()}\n"))
            + $"blobs: {blobs}\nboot: {boot}\n";
        File.WriteAllText(_temp["box.yaml"], text);
        var read = WorkspaceReader.ReadBoard(_temp["box.yaml"]);
        read.IsOk.ShouldBeTrue(string.Join('\n', read.Diagnostics));
        Board = read.Value!;
    }

    public const string EspAndRoot = """
        {name: esp, type: esp, filesystem: {type: fat, label: ESP}, size: 64MiB, mount: /boot/efi}
        {name: root, type: root, filesystem: {type: ext4}, size: rest, mount: /, flags: [grow]}
        """;

    public BoardManifest Board { get; set; }

    public Customization Customization { get; set; } = new();

    public FileTree Tree { get; } = new();

    /// <summary>What the images hold that blobs come from.</summary>
    public ImmutableDictionary<int, FileTree> Trees { get; set; } = ImmutableDictionary<int, FileTree>.Empty;

    public DiagnosticBag Bag { get; } = new();

    public IReadOnlyList<string> Codes => [.. Bag.ToImmutable().Select(d => d.Rule.Code)];

    public string this[string name] => _temp[name];

    public Target Target => new(
        SampleImages.Image("kiosk", "tar:x") with { Customization = Customization }, Board, new(OutputKind.Disk, OutputCompression.None, false, null), null, null, null);

    public DiskJob Job => new(Target, Clock, "seed"u8.ToArray(), 2, new(_temp["out"], SilentReporter.Instance)) { BlobTrees = Trees };

    public DiskIdentity Identity => DiskIdentity.Of(Board, Job.Seed);

    public MountPoints Mounts => MountPoints.Of(Board, Identity);

    /// <summary>Adds files (text), links (<c>-> target</c>) and directories (a path that ends with a slash).</summary>
    public DiskBuild With(params (string Path, string Text)[] files)
    {
        foreach (var (path, text) in files)
        {
            if (path.EndsWith('/'))
                Tree.EnsureDirectory(path, Clock);
            else if (text.StartsWith("-> ", StringComparison.Ordinal))
                Tree.Set(path, new SymbolicLink { Target = Encoding.UTF8.GetBytes(text[3..]), Permissions = 0b111_111_111, Mtime = Clock });
            else
                Tree.Set(path, new RegularFile { Content = FileContent.Of(Encoding.UTF8.GetBytes(text)), Permissions = 0b110_100_100, Mtime = Clock });
        }
        return this;
    }

    /// <summary>Files with their paths for text.</summary>
    public DiskBuild With(params string[] paths) => With([.. paths.Select(p => (p, p))]);

    public DiskBuild Customise()
    {
        RootfsCustomizer.Apply(new(Job, Tree, Identity, Mounts, _files, Bag));
        return this;
    }

    public DiskBuild InstallBoot() => InstallBoot(out _);

    public DiskBuild InstallBoot(out BootCode? code)
    {
        var context = new BootContext(Job, Tree, Mounts, Bag);
        BootInstaller.Install(context);
        code = context.BootCode;
        return this;
    }

    public BuiltDisk? Build() => DiskBuilder.Build(Job, Tree, Bag, CancellationToken.None);

    public string? Text(string path) => TreeText.Read(Tree, path);

    /// <summary>What lies below a folder, with the text of every file.</summary>
    public string Show(string folder)
    {
        var text = new StringBuilder();
        foreach (var (path, node) in Tree.Walk().Where(n => n.Path.StartsWith(folder, StringComparison.Ordinal)))
        {
            if (node is RegularFile)
                text.Append($"== {path}\n{Text(path)}{(Text(path)!.EndsWith('\n') ? "" : "\n")}");
        }
        return text.ToString();
    }

    public void Dispose()
    {
        _files.Dispose();
        _temp.Dispose();
    }
}
