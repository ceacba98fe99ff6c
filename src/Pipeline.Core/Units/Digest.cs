using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Pipeline.Core.Units;

/// <summary>A content digest in the OCI form <c>algorithm:hex</c>; sha256 (64 digits) and sha512 (128 digits), lower case.</summary>
public sealed record Digest
{
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");

    private Digest(string text) => Text = text;

    /// <summary>The whole digest, <c>sha256:…</c>.</summary>
    public string Text { get; }

    public string Algorithm => Text[..Text.IndexOf(':', StringComparison.Ordinal)];

    public string Hex => Text[(Text.IndexOf(':', StringComparison.Ordinal) + 1)..];

    /// <summary>The first twelve digits, as people quote them.</summary>
    public string Short => Hex[..12];

    public static Digest Sha256(ReadOnlySpan<byte> content) => FromSha256Hash(SHA256.HashData(content));

    public static Digest FromSha256Hash(ReadOnlySpan<byte> hash) => new("sha256:" + Convert.ToHexStringLower(hash));

    public static Digest FromHash(HashAlgorithmName algorithm, ReadOnlySpan<byte> hash) =>
        new(algorithm.Name!.ToLowerInvariant() + ":" + Convert.ToHexStringLower(hash));

    /// <exception cref="FormatException">The text is not a digest; check user input with <see cref="TryParse"/>.</exception>
    public static Digest Parse(string text) =>
        TryParse(text, out var digest) ? digest : throw new FormatException($"expected sha256:<64 hex digits>, found '{text}'");

    public static bool TryParse(string? text, [NotNullWhen(true)] out Digest? digest)
    {
        digest = null;
        var colon = text?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        if (text is null || colon < 0)
            return false;
        var wanted = text[..colon] switch { "sha256" => 64, "sha512" => 128, _ => -1 };
        if (text.Length - colon - 1 != wanted || text.AsSpan(colon + 1).ContainsAnyExcept(HexDigits))
            return false;
        digest = new Digest(text);
        return true;
    }

    /// <summary>A fresh hash of this digest's algorithm. The caller disposes it.</summary>
    public IncrementalHash CreateHash() =>
        IncrementalHash.CreateHash(Algorithm == "sha512" ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256);

    public override string ToString() => Text;
}
