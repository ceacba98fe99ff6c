using System.Buffers;
using System.Security.Cryptography;
using Pipeline.Core.Compression;
using Pipeline.Core.Reporting;
using Pipeline.Core.Streams;
using Pipeline.Core.Units;

namespace Pipeline.Engine.Building.Outputs;

/// <param name="HashesImage">Also tells the digest of what is packed: of the same bytes, while they pass.</param>
internal sealed record CopyFormat(CompressionKind Kind, int Threads, bool HashesImage);

/// <param name="Packed">Of the file.</param>
/// <param name="Image">Of what it holds; null where nobody asked.</param>
internal sealed record CopyDigests(Digest Packed, Digest? Image);

/// <summary>Reads a finished image once, to hash it or to write it compressed.</summary>
internal static class ImageCopy
{
    private const int BufferBytes = 1 << 20;

    public static Digest Hash(string path, IActivity activity, CancellationToken ct)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Read(path, span => hash.AppendData(span), activity, ct);
        return Digest.FromSha256Hash(hash.GetHashAndReset());
    }

    public static CopyDigests Compress(string from, string to, CopyFormat format, IActivity activity, CancellationToken ct)
    {
        using var image = format.HashesImage ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using (var file = new FileStream(to, FileMode.CreateNew, FileAccess.Write, FileShare.Read, BufferBytes))
        {
            using var hashing = new HashingStream(file, hash);
            using var encoder = Compression.OpenEncoder(format.Kind, hashing, new EncoderOptions(null, format.Threads));
            Read(from, Pack, activity, ct);
            void Pack(ReadOnlySpan<byte> data)
            {
                image?.AppendData(data);
                encoder.Write(data);
            }
        }
        return new(Digest.FromSha256Hash(hash.GetHashAndReset()), image is null ? null : Digest.FromSha256Hash(image.GetHashAndReset()));
    }

    private static void Read(string path, ReadOnlySpanAction use, IActivity activity, CancellationToken ct)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            using var file = File.OpenHandle(path);
            for (long offset = 0; ;)
            {
                ct.ThrowIfCancellationRequested();
                var count = RandomAccess.Read(file, buffer, offset);
                if (count == 0)
                    return;
                use(buffer.AsSpan(0, count));
                activity.Advance(count);
                offset += count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private delegate void ReadOnlySpanAction(ReadOnlySpan<byte> data);

    /// <summary>Passes on what is written and hashes it. Does not close what it writes to.</summary>
    private sealed class HashingStream(Stream inner, IncrementalHash hash) : WritingStream
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            hash.AppendData(buffer);
            inner.Write(buffer);
        }

        public override void Flush() => inner.Flush();
    }
}
