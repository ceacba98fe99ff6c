using Microsoft.Win32.SafeHandles;
using Pipeline.Core.Units;

namespace Pipeline.Engine.Publishing.Directories;

/// <summary>Copies a file whose digest is known; blocks of zeroes become holes, so that a copy is as small as a link would be.</summary>
internal static class SparseCopy
{
    private const int BufferBytes = 1 << 20;
    private const int BlockBytes = 4096;

    /// <exception cref="InvalidDataException">The bytes are not what the digest says; the target must not be kept.</exception>
    public static async Task CopyAsync(string from, string to, Digest expected, CancellationToken ct)
    {
        await using var source = new FileStream(from, FileMode.Open, FileAccess.Read, FileShare.Read, 0, FileOptions.SequentialScan | FileOptions.Asynchronous);
        await CopyAsync(source, to, expected, ct);
    }

    /// <param name="from">Read to its end; the caller disposes it.</param>
    /// <exception cref="InvalidDataException">The bytes are not what the digest says; the target must not be kept.</exception>
    public static async Task CopyAsync(Stream from, string to, Digest expected, CancellationToken ct)
    {
        using var target = File.OpenHandle(to, FileMode.CreateNew, FileAccess.Write);
        using var hash = expected.CreateHash();
        var buffer = new byte[BufferBytes];
        var offset = 0L;
        for (int count; (count = await from.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, ct)) > 0; offset += count)
        {
            hash.AppendData(buffer, 0, count);
            await WriteAsync(target, buffer.AsMemory(0, count), offset, ct);
        }
        RandomAccess.SetLength(target, offset);
        var actual = Digest.FromHash(hash.AlgorithmName, hash.GetHashAndReset());
        if (actual != expected)
            throw new InvalidDataException($"{Path.GetFileName(to)} has digest {actual}, expected {expected}");
    }

    private static async Task WriteAsync(
        SafeFileHandle target, ReadOnlyMemory<byte> data, long offset, CancellationToken ct)
    {
        for (var start = 0; start < data.Length;)
        {
            var zero = IsZero(data, start);
            var end = start;
            while (end < data.Length && IsZero(data, end) == zero)
                end = Math.Min(end + BlockBytes, data.Length);
            if (!zero)
                await RandomAccess.WriteAsync(target, data[start..end], offset + start, ct);
            start = end;
        }
    }

    private static bool IsZero(ReadOnlyMemory<byte> data, int start) =>
        !data.Span[start..Math.Min(start + BlockBytes, data.Length)].ContainsAnyExcept((byte)0);
}
