using System.Collections.Immutable;
using System.Text;
using Pipeline.Core.Units;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing;
using Pipeline.Engine.Publishing.Directories;

namespace Pipeline.Kit;

/// <summary>Releases in a directory as the publisher leaves them, made by hand.</summary>
public sealed class ReleaseStore : IDisposable
{
    private readonly TempDir _temp = new();

    public string RootPath => _temp["releases"];

    public DirectoryReleases Reader => new(RootPath, TimeProvider.System);

    public string this[string file] => Path.Combine(RootPath, file);

    public static StoredTarget Target(string board, string name, string content, string output = "disk") =>
        new(board, output, [(new(name, new(Encoding.UTF8.GetByteCount(content)), Digest.Sha256(Encoding.UTF8.GetBytes(content))), Encoding.UTF8.GetBytes(content))]);

    /// <summary>The pointer names the release that was added last.</summary>
    public ReleaseStore Add(string image, string version, params StoredTarget[] targets)
    {
        var folder = Directory.CreateDirectory(this[$"{image}/{version}"]).FullName;
        var record = new ReleaseRecord(image, version, null, null, Map(), targets.ToImmutableSortedDictionary(t => $"{image}/{t.Board}/{t.Output}", t => Published(image, version, t), StringComparer.Ordinal));
        foreach (var (file, content) in targets.SelectMany(t => t.Files))
            File.WriteAllBytes(Path.Combine(folder, file.Name), content);
        File.WriteAllBytes(Path.Combine(folder, ReleaseDocuments.Inputs), ReleaseRecordJson.Write(record));
        File.WriteAllText(Path.Combine(folder, ReleaseDocuments.Changelog), "# Notes\n");
        return Point(image, version);
    }

    public ReleaseStore Point(string image, string version)
    {
        File.Delete(this[$"{image}/latest"]);
        File.CreateSymbolicLink(this[$"{image}/latest"], version);
        return this;
    }

    public void Dispose() => _temp.Dispose();

    private static PublishedTarget Published(string image, string version, StoredTarget target) => new(
        $"{image}/{target.Board}/{target.Output}", target.BuiltIn ?? version, new(Map(("board.platform", target.Platform)), Map()), [.. target.Files.Select(f => f.File)], []);

    private static ImmutableSortedDictionary<string, string> Map(params (string, string)[] entries) =>
        entries.ToImmutableSortedDictionary(e => e.Item1, e => e.Item2, StringComparer.Ordinal);
}

/// <param name="BuiltIn">Null is the release it is in.</param>
public sealed record StoredTarget(string Board, string Output, ImmutableArray<(ReleaseFile File, byte[] Content)> Files, string Platform = "linux/amd64", string? BuiltIn = null)
{
    public StoredTarget Unpacks(string content) => this with
    {
        Files = [(Files[0].File with { Unpacked = new(new(content.Length), Digest.Sha256(Encoding.UTF8.GetBytes(content))) }, Files[0].Content), .. Files[1..]],
    };

    public StoredTarget And(StoredTarget more) => this with { Files = [.. Files, .. more.Files] };
}
