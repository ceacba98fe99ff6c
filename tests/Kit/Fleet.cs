using System.Text;
using System.Text.Json;
using Pipeline.Oci.Documents;

namespace Pipeline.Kit;

/// <summary>
/// A repository of many image manifests that stand on a few small systems in a real registry, and the program to work on
/// it. The board is a GPT disk with one ext4 partition of 8 MiB and no boot method, so that a build is cheap.
/// </summary>
public sealed class Fleet : IDisposable
{
    private const string Board = """
        description: A disk with one partition
        platform: linux/amd64
        table:
          type: gpt
        partitions:
          - name: root
            type: root
            filesystem: {type: ext4, label: root}
            size: 8MiB
            mount: /
        boot:
          method: none

        """;

    private readonly TempDir _directory = new();

    public Fleet(DockerRegistry registry, int keep = 5)
    {
        Registry = registry;
        Layout = new OciLayoutWriter(_directory["layout"]);
        Program = new PipelineProgram(Directory.CreateDirectory(_directory["home"]).FullName);
        Write("pipeline.yaml", $"version: 1\nreleases:\n  directory: releases\n  keep: {keep}\n");
        Write("boards/plain.yaml", Board);
        Write(".gitignore", "/releases/\n/.pipeline/\n");
    }

    public DockerRegistry Registry { get; }

    public OciLayoutWriter Layout { get; }

    public PipelineProgram Program { get; }

    public string RootPath => _directory["repository"];

    public string ReleasesPath => Path.Combine(RootPath, "releases");

    /// <summary>Of the directory that holds repository, home and cache.</summary>
    public string WholePath => _directory.Path;

    public Task<ProgramResult> RunAsync(CancellationToken ct, params string[] arguments) =>
        Program.RunAsync(ct, [.. arguments, "--repo", RootPath]);

    public Fleet Write(string file, string text)
    {
        var path = Path.Combine(RootPath, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return this;
    }

    /// <param name="host">Of the source; the registry when not said.</param>
    public Fleet AddImage(string name, string repository, string more = "", string? host = null, string output = "disk") =>
        Write($"images/{name}/image.yaml", $"description: Image {name}\nsource: {host ?? Registry.Host}/{repository}:1\nboards: [plain]\noutputs: [{output}]\ncustomize:\n  hostname: {name}\n{more}");

    public void Commit(string message)
    {
        if (!Directory.Exists(Path.Combine(RootPath, ".git")))
            Tool.Require("git", "-C", RootPath, "init", "-q");
        Tool.Require("git", "-C", RootPath, "add", "-A");
        Tool.Require("git", "-C", RootPath, "-c", "user.name=T", "-c", "user.email=t@t.invalid", "commit", "-q", "-m", message);
    }

    /// <summary>A system with one program for a machine of ELF, and a file that says which revision it is.</summary>
    /// <param name="platform">linux/amd64 or linux/arm64; what the image claims.</param>
    /// <param name="machine">What its program is for: 62 x86-64, 183 aarch64.</param>
    public Descriptor System(string platform, string revision, int machine, byte[]? ballast = null)
    {
        var tar = new TarBuilder().Directory("etc").Directory("usr").Directory("usr/bin")
            .Add(new TarItem("usr/bin/true") { Content = ElfBuilder.Create(machine), Mode = 0b111_101_101 })
            .File("etc/revision", revision + "\n")
            .Add(new TarItem("etc/ballast") { Content = ballast ?? Encoding.UTF8.GetBytes("none") });
        return Layout.AddImage(platform, [Layout.AddLayer(tar.ToArray())], ("org.opencontainers.image.version", revision));
    }

    /// <summary>An index with the revisions for amd64 and arm64; the tag 1 moves there.</summary>
    public async Task<Descriptor> PushAsync(string repository, (string Amd64, string Arm64) revisions, CancellationToken ct, bool hasAttestations = false)
    {
        var index = Layout.AddIndex(
            [("linux/amd64", System("linux/amd64", revisions.Amd64, 62)), ("linux/arm64", System("linux/arm64", revisions.Arm64, 183))], hasAttestations);
        await Registry.PushAsync(Layout, index, repository, "1", ct);
        return index;
    }

    /// <summary>The digests of the layers of an image, or of all images of an index.</summary>
    public IReadOnlyList<string> LayersOf(Descriptor image)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Layout.BlobPath(image.Digest)));
        return json.RootElement.TryGetProperty("manifests", out var manifests)
            ? [.. manifests.EnumerateArray().SelectMany(m => LayersOf(image with { Digest = Core.Units.Digest.Parse(m.GetProperty("digest").GetString()!) }))]
            : [.. json.RootElement.GetProperty("layers").EnumerateArray().Select(l => l.GetProperty("digest").GetString()!)];
    }

    /// <summary>Whole releases of an image as readers see them, oldest first.</summary>
    public string[] Releases(string image)
    {
        var shelf = Path.Combine(ReleasesPath, image);
        return !Directory.Exists(shelf) ? [] : [.. Directory.EnumerateDirectories(shelf)
            .Where(d => Path.GetFileName(d) is var name && name[0] != '.' && name != "latest").Order(StringComparer.Ordinal)];
    }

    /// <summary>Where the pointer leads.</summary>
    public string Latest(string image) => Path.Combine(ReleasesPath, image, new FileInfo(Path.Combine(ReleasesPath, image, "latest")).LinkTarget!);

    public void Dispose() => _directory.Dispose();
}
