using System.Collections.Immutable;
using System.Globalization;
using Pipeline.Core.Units;
using Pipeline.Engine.Manifests.Reading;

namespace Pipeline.Engine.Manifests;

/// <summary>Names to short values. What is not said (null) is not there.</summary>
internal sealed class InputList
{
    private readonly ImmutableSortedDictionary<string, string>.Builder _inputs =
        ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);

    /// <summary>Content of a file, as its digest.</summary>
    public static string DigestOf(string path)
    {
        using var file = File.OpenRead(path);
        return Digest.FromSha256Hash(System.Security.Cryptography.SHA256.HashData(file)).Text;
    }

    public void Add(string name, string? value)
    {
        if (value is not null)
            _inputs.Add(name, value);
    }

    public void Add(string name, bool value) => Add(name, value ? "true" : "false");

    public void Add(string name, long? value) => Add(name, value?.ToString(CultureInfo.InvariantCulture));

    public void Add(string name, Enum value) => Add(name, Words.Of(value));

    /// <summary>Exact and readable: <c>512 MiB</c> where that is the whole truth, bytes otherwise.</summary>
    public void Add(string name, ByteSize? size)
    {
        if (size is not { } value)
            return;
        var text = value.ToString();
        Add(name, text.Contains('.', StringComparison.Ordinal) ? value.Bytes.ToString(CultureInfo.InvariantCulture) + " B" : text);
    }

    public void AddWords(string name, ImmutableArray<string> words) => Add(name, words.IsEmpty ? null : string.Join(' ', words));

    public ImmutableSortedDictionary<string, string> ToSorted() => _inputs.ToImmutable();
}
