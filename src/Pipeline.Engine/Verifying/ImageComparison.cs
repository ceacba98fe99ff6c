using System.Collections.Immutable;
using Pipeline.Core.Blocks;
using Pipeline.Core.Compression;

namespace Pipeline.Engine.Verifying;

/// <summary>Where two files differ first, as they are and unpacked.</summary>
internal static class ImageComparison
{
    private const int BufferBytes = 1 << 20;

    /// <summary>Null where they are the same to the last byte. Owns both.</summary>
    public static long? FirstDifference(Stream left, Stream right, CancellationToken ct)
    {
        using (left)
        using (right)
        {
            var (a, b) = (new byte[BufferBytes], new byte[BufferBytes]);
            for (long offset = 0; ;)
            {
                ct.ThrowIfCancellationRequested();
                var (inLeft, inRight) = (left.ReadAtLeast(a, BufferBytes, throwOnEndOfStream: false), right.ReadAtLeast(b, BufferBytes, throwOnEndOfStream: false));
                var same = a.AsSpan(0, inLeft).CommonPrefixLength(b.AsSpan(0, inRight));
                if (same < inLeft || same < inRight)
                    return offset + same;
                if (inLeft == 0)
                    return null;
                offset += inLeft;
            }
        }
    }

    /// <summary>Of what the files hold, however each is packed.</summary>
    /// <exception cref="InvalidDataException">One of them is damaged.</exception>
    public static long? FirstDifferenceUnpacked(Stream left, Stream right, CancellationToken ct) =>
        FirstDifference(Compression.OpenDecoder(left, DecoderLimits.Default), Compression.OpenDecoder(right, DecoderLimits.Default), ct);

    /// <summary>The innermost named part of a map at an offset, and how far into it: <c>root: inode table + 512</c>.</summary>
    public static string Place(ImmutableArray<Region> map, long offset)
    {
        var around = map.Where(r => r.OffsetBytes <= offset && offset < r.EndBytes).OrderBy(r => r.LengthBytes).ToList();
        return around.Count == 0 ? "no part that the map names" : $"{around[0].Name} (byte {offset - around[0].OffsetBytes} of it)";
    }
}
