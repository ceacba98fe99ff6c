using System.Security.Cryptography;
using Pipeline.Core.Compression;
using Pipeline.Core.Units;
using Pipeline.Oci.Cache;

namespace Pipeline.Oci.Sources;

/// <summary>Hashes and unpacks files of the user, once: answers are remembered as long as the file does not change.</summary>
internal sealed class LocalFiles(BlobCache cache, Memo memo)
{
    private const int CopyBytes = 1 << 20;

    /// <summary>How a file is packed, told by its first bytes; "bzip2" is known only to be refused by name.</summary>
    public static (CompressionKind Kind, bool IsBzip2) PackingOf(LocalBlob blob)
    {
        Span<byte> head = stackalloc byte[Compression.MagicBytes];
        using var stream = blob.OpenUnverified();
        var count = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        return (Compression.Detect(head[..count]), head[..count].StartsWith("BZh"u8));
    }

    /// <summary>The hash of a run of a file as it lies there.</summary>
    public Task<Digest> HashAsync(LocalBlob blob, CancellationToken ct) =>
        RememberAsync("hash", blob, () => HashStreamAsync(blob.OpenUnverified(), ct));

    /// <summary>The hash of what is inside: of a layer, its diff-id.</summary>
    public Task<Digest> HashUnpackedAsync(LocalBlob blob, CancellationToken ct) => PackingOf(blob).Kind == CompressionKind.None
        ? HashAsync(blob, ct)
        : RememberAsync("unpacked hash", blob, () => HashStreamAsync(Compression.OpenDecoder(blob.OpenUnverified(), DecoderLimits.Default), ct));

    /// <summary>A compressed file unpacked into the cache, where it can be read at any place.</summary>
    /// <returns>Path of the unpacked file, kept from pruning until the pin is disposed.</returns>
    public async Task<(string Path, IDisposable Pin)> UnpackAsync(LocalBlob blob, CancellationToken ct)
    {
        var question = $"unpacked {FileFingerprint.Of(blob.Path)}";
        if (Digest.TryParse(memo.Recall(question), out var known))
        {
            var pin = cache.Pin(known);
            if (cache.Find(known, null) is { } path)
                return (path, pin);
            pin.Dispose();
        }
        using var writer = cache.Begin(null, null);
        await using var stream = Compression.OpenDecoder(blob.OpenUnverified(), DecoderLimits.Default);
        var buffer = new byte[CopyBytes];
        int count;
        while ((count = await stream.ReadAsync(buffer, ct)) > 0)
            writer.Write(buffer.AsSpan(0, count));
        var digest = writer.Commit();
        memo.Remember(question, digest.Text);
        return (cache.PathOf(digest), cache.Pin(digest));
    }

    private async Task<Digest> RememberAsync(string what, LocalBlob blob, Func<Task<Digest>> find)
    {
        var question = $"{what} {blob.OffsetBytes}+{blob.LengthBytes} {FileFingerprint.Of(blob.Path)}";
        if (Digest.TryParse(memo.Recall(question), out var known))
            return known;
        var found = await find();
        memo.Remember(question, found.Text);
        return found;
    }

    private static async Task<Digest> HashStreamAsync(Stream stream, CancellationToken ct)
    {
        await using (stream)
            return Digest.FromSha256Hash(await SHA256.HashDataAsync(stream, ct));
    }
}
