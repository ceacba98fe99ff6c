using System.Collections.Immutable;
using Xunit;

namespace Pipeline.Engine.Publishing.Directories;

public sealed class DirectoryContractTests : ReleaseHostContract
{
    protected override IReleaseHost Open() => Factory.Host();

    protected override Task<ImmutableArray<string>> VersionsAsync(string image)
    {
        var shelf = Factory.ShelfOf(image);
        return Task.FromResult<ImmutableArray<string>>(!Directory.Exists(shelf) ? [] : [.. Directory.GetDirectories(shelf, "2*").Select(d => Path.GetFileName(d)!).OrderDescending(StringComparer.Ordinal)]);
    }

    protected override Task<SortedDictionary<string, byte[]>> FilesAsync(string image, string version) => Task.FromResult(new SortedDictionary<string, byte[]>(
        Directory.GetFiles(Path.Combine(Factory.ShelfOf(image), version)).ToDictionary(f => Path.GetFileName(f)!, File.ReadAllBytes), StringComparer.Ordinal));

    protected override Task LoseAsync(string image, string version, string file)
    {
        File.Delete(Path.Combine(Factory.ShelfOf(image), version, file));
        return Task.CompletedTask;
    }
}
