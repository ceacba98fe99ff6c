using System.Collections.Immutable;

namespace Pipeline.Engine.Publishing.Reading;

/// <summary>A store of releases, as those see it who download. Every host is one.</summary>
public interface IReleaseReader
{
    /// <param name="version">Null is the one that 'latest' names, or the newest.</param>
    /// <returns>Null where there is no such release.</returns>
    /// <remarks>Throws as <see cref="IReleaseHost"/> does.</remarks>
    Task<IReleaseFiles?> FindAsync(string image, string? version, CancellationToken ct);

    /// <summary>The versions that are offered, newest first: what 'latest' names and those before it. A release that was withdrawn is not among them.</summary>
    /// <remarks>Throws as <see cref="IReleaseHost"/> does.</remarks>
    Task<ImmutableArray<ReleaseVersion>> ListAsync(string image, CancellationToken ct);
}

/// <summary>The files of one release, wherever they lie. What they hold is unverified.</summary>
public interface IReleaseFiles
{
    /// <summary>Where they were found: a directory or an address.</summary>
    string Location { get; }

    /// <summary>Where a browser gets a file; null where only the store's own protocol does, or nobody said.</summary>
    Uri? AddressOf(string name) => null;

    /// <summary>Where a file lies on this machine; null where it does not.</summary>
    string? LocalPathOf(string name) => null;

    /// <summary>All names with sizes in bytes.</summary>
    ImmutableSortedDictionary<string, long> Sizes { get; }

    /// <summary>The caller disposes the stream, which may give more or fewer bytes than was said.</summary>
    /// <exception cref="FileNotFoundException">There is no such file (any more).</exception>
    Task<Stream> OpenAsync(string name, CancellationToken ct);
}

public static class ReleaseFilesExtensions
{
    /// <summary>A document of a release; null where there is none.</summary>
    /// <exception cref="InvalidDataException">It is longer than the limit.</exception>
    public static async Task<byte[]?> ReadAsync(this IReleaseFiles files, string name, int limitBytes, CancellationToken ct)
    {
        if (!files.Sizes.ContainsKey(name))
            return null;
        await using var stream = await files.OpenAsync(name, ct);
        try
        {
            return await BoundedBody.ReadAsync(stream, limitBytes, ct);
        }
        catch (InvalidDataException)
        {
            throw new InvalidDataException($"{name} is longer than {limitBytes} bytes");
        }
    }
}
