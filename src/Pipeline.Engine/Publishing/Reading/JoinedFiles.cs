using System.Collections.Immutable;
using System.Globalization;
using Pipeline.Core.Compression;

namespace Pipeline.Engine.Publishing.Reading;

/// <summary>
/// The same files, and those that a host keeps in another form because they are too large for it: in parts
/// (<c>NAME.000</c>…), packed (<c>NAME.zst</c>), or both. They are put together while they are read.
/// </summary>
public sealed class JoinedFiles(IReleaseFiles inner) : IReleaseFiles
{
    private const string PackedSuffix = ".zst";
    private const string ListSuffix = ".parts";

    public string Location => inner.Location;

    public ImmutableSortedDictionary<string, long> Sizes => inner.Sizes;

    public Uri? AddressOf(string name) => Sizes.ContainsKey(name) ? inner.AddressOf(name) : null;

    public string? LocalPathOf(string name) => Sizes.ContainsKey(name) ? inner.LocalPathOf(name) : null;

    public bool Has(string name) => Sizes.ContainsKey(name) || HasParts(name) || Sizes.ContainsKey(name + PackedSuffix) || HasParts(name + PackedSuffix);

    /// <summary>The names that stand for <paramref name="name"/>.</summary>
    public IEnumerable<string> FormsOf(string name) =>
        Sizes.ContainsKey(name) ? [name] : HasParts(name) ? [.. PartsOf(name), name + ListSuffix]
        : Sizes.ContainsKey(name + PackedSuffix) ? [name + PackedSuffix] : [.. PartsOf(name + PackedSuffix), name + PackedSuffix + ListSuffix];

    public async Task<Stream> OpenAsync(string name, CancellationToken ct)
    {
        if (await OpenPlainAsync(name, ct) is { } plain)
            return plain;
        return await OpenPlainAsync(name + PackedSuffix, ct) is { } packed
            ? Compression.OpenDecoder(packed, DecoderLimits.Default)
            : throw new FileNotFoundException($"there is no {name}", name);
    }

    private async Task<Stream?> OpenPlainAsync(string name, CancellationToken ct) =>
        Sizes.ContainsKey(name) ? await inner.OpenAsync(name, ct)
        : HasParts(name) ? new PartsStream([.. PartsOf(name)], part => inner.OpenAsync(part, CancellationToken.None))
        : null;

    private bool HasParts(string name) => Sizes.ContainsKey(name + ListSuffix) && PartsOf(name).Any();

    private IEnumerable<string> PartsOf(string name)
    {
        for (var i = 0; ; i++)
        {
            var part = $"{name}.{i.ToString("000", CultureInfo.InvariantCulture)}";
            if (!Sizes.ContainsKey(part))
                yield break;
            yield return part;
        }
    }
}
