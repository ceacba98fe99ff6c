using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Publishing;
using Pipeline.Engine.Publishing.Reading;

namespace Pipeline.Engine.Verifying;

/// <summary>What somebody meant by a word.</summary>
/// <param name="File">The one file that was named; null for a whole release.</param>
/// <param name="Expected">What a release of a store must be; null for what was downloaded.</param>
public sealed record FoundRelease(IReleaseFiles Files, string? File, ExpectedRelease? Expected);

/// <summary>
/// Finds a file with its SHA256SUMS, a directory that holds a release, or a release of the repository's store by
/// <c>IMAGE</c>, <c>IMAGE/VERSION</c>, <c>IMAGE@VERSION</c> or its tag <c>IMAGE-VERSION</c>.
/// </summary>
/// <param name="store">Null where there is no repository.</param>
/// <param name="place">The store, in words.</param>
public sealed class ReleaseFinder(IReleaseReader? store, string place)
{
    /// <exception cref="IOException">The outside failed.</exception>
    /// <exception cref="HttpRequestException">Likewise.</exception>
    public async Task<Result<FoundRelease>> FindAsync(string what, CancellationToken ct)
    {
        if (File.Exists(what))
        {
            var path = Path.GetFullPath(what);
            var isList = Path.GetFileName(path) == ReleaseDocuments.Checksums;
            return new FoundRelease(new LocalFiles(Path.GetDirectoryName(path)!), isList ? null : Path.GetFileName(path), null);
        }
        if (DirectoryOf(Path.GetFullPath(what)) is { } directory)
            return new FoundRelease(new LocalFiles(directory), null, null);
        if (store is not null && Parse(what) is { } wanted && await store.FindAsync(wanted.Image, wanted.Version, ct) is { } files)
            return new FoundRelease(files, null, wanted);
        return Result<FoundRelease>.Failed(Directory.Exists(what)
            ? Diagnostic.Create(VerifyRules.NoChecksums, null, Path.GetFullPath(what))
            : Diagnostic.Create(VerifyRules.NotFound, null, what, place));
    }

    private static string? DirectoryOf(string path)
    {
        foreach (var directory in new[] { path, Path.Combine(path, "latest") })
        {
            if (File.Exists(Path.Combine(directory, ReleaseDocuments.Checksums)))
                return File.ResolveLinkTarget(directory, returnFinalTarget: true)?.FullName ?? directory;
        }
        return null;
    }

    /// <summary>Null for what cannot be the name of a release.</summary>
    private static ExpectedRelease? Parse(string what)
    {
        var parts = what.Split('/', '@');
        if (parts is [var image, var version] && ReleaseNames.IsValid(image) && ReleaseVersion.TryParse(version, out _))
            return new(image, version);
        if (parts is not [var name] || !ReleaseNames.IsValid(name))
            return null;
        var dash = name.LastIndexOf('-');
        return dash > 0 && ReleaseVersion.TryParse(name[(dash + 1)..], out _) ? new(name[..dash], name[(dash + 1)..]) : new(name, null);
    }
}
