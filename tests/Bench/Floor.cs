using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Pipeline.Bench;

/// <summary>
/// The floor: what any program on this machine must at least do to an image. Per layer SHA-256 of the blob, decompress,
/// walk the tar's headers, write the contents of files once; layers in parallel. It knows no whiteout, no link and no
/// owner, and its result is of no use: only its time is. It shares no code with the product.
/// </summary>
internal static class Floor
{
    private const int Buffer = 256 << 10;

    public static string Run(string layoutDirectory, string scratch)
    {
        var image = new Layout(layoutDirectory).Read();
        Directory.CreateDirectory(scratch);
        var files = 0;
        Parallel.ForEach(image.Layers.OrderByDescending(l => l.SizeBytes), new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, layer =>
        {
            var path = Path.Combine(scratch, layer.Digest.Hex);
            using (var output = File.Create(path, 0))
            using (var blob = new HashedFile(Path.Combine(layoutDirectory, "blobs", "sha256", layer.Digest.Hex)))
            {
                File.Delete(path);
                using var plain = layer.MediaType.EndsWith("zstd", StringComparison.Ordinal) ? new Zstd(blob) : (Stream)new GZipStream(blob, CompressionMode.Decompress);
                Interlocked.Add(ref files, Walk(plain, output));
                blob.CopyTo(Stream.Null);
                if (blob.Hex != layer.Digest.Hex)
                    throw new InvalidDataException("the digest is wrong");
            }
        });
        return $"{files} files";
    }

    private static int Walk(Stream tar, FileStream output)
    {
        var buffer = new byte[Buffer];
        var (files, left, isFile) = (0, 0L, false);
        int count;
        while ((count = tar.ReadAtLeast(buffer, Buffer, false)) > 0)
        {
            for (var at = 0; at < count;)
            {
                if (left > 0)
                {
                    var piece = (int)Math.Min(left, count - at);
                    if (isFile)
                        output.Write(buffer, at, piece);
                    (left, at) = (left - piece, at + piece);
                    continue;
                }
                var header = buffer.AsSpan(at, 512);
                at += 512;
                if (header[0] == 0)
                    continue;
                isFile = header[156] is (byte)'0' or 0;
                files += isFile ? 1 : 0;
                var size = header[124] >= 0x80 ? BinaryPrimitives.ReadInt64BigEndian(header[128..]) : Convert.ToInt64(Encoding.ASCII.GetString(header.Slice(124, 11)), 8);
                left = (size + 511) & ~511L;
            }
        }
        return files;
    }

    private sealed class HashedFile(string path) : MemoryStream
    {
        private readonly FileStream _file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, Buffer);
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public string Hex => Convert.ToHexStringLower(_hash.GetHashAndReset());

        public override int Read(Span<byte> buffer)
        {
            var count = _file.Read(buffer);
            _hash.AppendData(buffer[..count]);
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
    }

    private sealed unsafe class Zstd(Stream packed) : MemoryStream
    {
        private readonly nint _context = ZSTD_createDStream();
        private readonly byte[] _input = new byte[Buffer];
        private (nuint Size, nuint Position) _range;

        public override int Read(Span<byte> buffer)
        {
            fixed (byte* to = buffer, from = _input)
            {
                var output = new ZBuffer { Pointer = to, Size = (nuint)buffer.Length };
                while (output.Position == 0)
                {
                    if (_range.Position == _range.Size && (_range = ((nuint)packed.Read(_input, 0, Buffer), 0)).Size == 0)
                        return 0;
                    var input = new ZBuffer { Pointer = from, Size = _range.Size, Position = _range.Position };
                    if ((nint)ZSTD_decompressStream(_context, &output, &input) is < 0 and > -200)
                        throw new InvalidDataException("broken zstd");
                    _range.Position = input.Position;
                }
                return (int)output.Position;
            }
        }

        private struct ZBuffer
        {
            public byte* Pointer;
            public nuint Size, Position;
        }

        [DllImport("libzstd.so.1")] private static extern nint ZSTD_createDStream();
        [DllImport("libzstd.so.1")] private static extern nuint ZSTD_decompressStream(nint context, ZBuffer* output, ZBuffer* input);
    }
}
