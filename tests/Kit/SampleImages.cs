using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Oci.Platforms;

namespace Pipeline.Kit;

/// <summary>Manifests as a reader would give them, for tests that do not care how they are written.</summary>
public static class SampleImages
{
    public static readonly Platform Amd64 = new("linux", "amd64", null);
    public static readonly Platform Arm64 = new("linux", "arm64", null);

    public static ImageManifest Image(string name, string source, params string[] boards) => new()
    {
        Name = name,
        DirectoryPath = $"/repository/images/{name}",
        Span = new($"images/{name}/image.yaml", 1, 1),
        Description = $"The {name} image",
        Source = new(source, $"/repository/images/{name}", new($"images/{name}/image.yaml", 3, 9)),
        Boards = [.. boards.Select((b, i) => new Located<string>(b, new($"images/{name}/image.yaml", 5 + i, 5)))],
        Outputs = [new(OutputKind.Disk, OutputCompression.None, false, null)],
        Customization = new(),
        Labels = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal),
        IsSuspended = false,
        Folders = [$"images/{name}"],
    };

    public static BoardManifest Board(string name, Platform platform) => new()
    {
        Name = name,
        Span = new($"boards/{name}.yaml", 1, 1),
        Description = name,
        Platform = platform,
        SectorBytes = 512,
        Table = new(TableKind.Gpt, 128, null, 2, ByteSize.MiB(1), null, null),
        Partitions = [],
        Blobs = [],
        Boot = new(BootMethod.None, [], RootReference.PartitionUuid, null, [], null),
    };

    /// <summary>Boards <c>pc</c> (amd64) and <c>pi</c> (arm64).</summary>
    public static Workspace Workspace(params ImageManifest[] images) => new(
        "/repository",
        new(),
        [.. images],
        new[] { Board("pc", Amd64), Board("pi", Arm64) }.ToImmutableSortedDictionary(b => b.Name, b => b, StringComparer.Ordinal),
        []);
}
