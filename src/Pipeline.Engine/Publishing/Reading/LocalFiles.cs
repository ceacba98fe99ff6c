using System.Collections.Immutable;
using Pipeline.Core.Files;

namespace Pipeline.Engine.Publishing.Reading;

/// <summary>A release in a directory: one of the store, or what somebody downloaded.</summary>
/// <param name="directory">Absolute; exists.</param>
public sealed class LocalFiles(string directory) : IReleaseFiles
{
    public string Location => directory;

    public ImmutableSortedDictionary<string, long> Sizes { get; } =
        new DirectoryInfo(directory).EnumerateFiles().Where(f => f.Name[0] != '.' && FileStatus.StreamKind(f.FullName) is null)
            .ToImmutableSortedDictionary(f => f.Name, f => f.Length, StringComparer.Ordinal);

    public string PathOf(string name) => Path.Combine(directory, name);

    public string? LocalPathOf(string name) => PathOf(name);

    public Task<Stream> OpenAsync(string name, CancellationToken ct) =>
        Task.FromResult<Stream>(new FileStream(PathOf(name), FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 17, FileOptions.SequentialScan | FileOptions.Asynchronous));
}
