using System.Security.Cryptography;
using Pipeline.Core.Files;

namespace Pipeline.Disk.Verity;

/// <param name="Salt">At most 256 bytes, in front of every block that is hashed.</param>
/// <param name="Uuid">Of the hash area.</param>
public sealed record VerityOptions(byte[] Salt, Guid Uuid);

/// <summary>
/// The hashes by which Linux checks every block of a device while it reads it: one of each 4 KiB of data, one of each
/// block of those, up to a single one. SHA-256, version 1. It takes 1/127 of the data, and lies in memory.
/// </summary>
public sealed class VerityTree
{
    public const int BlockBytes = 4096;
    private const int HashBytes = SHA256.HashSizeInBytes;
    private const int ReadBlocks = 256;

    private VerityTree(byte[] rootHash, byte[] bytes) => (RootHash, Content) = (rootHash, FileContent.Of(bytes));

    public byte[] RootHash { get; }

    /// <summary>What goes into the hash partition: the superblock, padded to a block, then the levels from the top down.</summary>
    public FileContent Content { get; }

    /// <param name="data">At least one block, and whole blocks.</param>
    public static VerityTree Build(FileContent data, VerityOptions options, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Salt.Length, VeritySuperBlock.MaxSaltBytes, nameof(options));
        if (data.LengthBytes == 0 || data.LengthBytes % BlockBytes != 0)
            throw new ArgumentException($"{data.LengthBytes} bytes: expected whole blocks of {BlockBytes} bytes", nameof(data));
        var levels = new List<byte[]>();
        var last = Hashes(data, options.Salt, ct);
        // A single block is its own top: there is nothing to store.
        while (last.Length > HashBytes)
        {
            levels.Add(Padded(last));
            last = Hashes(FileContent.Of(levels[^1]), options.Salt, ct);
        }
        var first = new byte[BlockBytes];
        new VeritySuperBlock(options.Uuid, data.LengthBytes / BlockBytes, options.Salt).WriteTo(first);
        return new(last, Concatenated([first, .. Enumerable.Reverse(levels)]));
    }

    private static byte[] Hashes(FileContent data, byte[] salt, CancellationToken ct)
    {
        var hashes = new byte[checked((int)(data.LengthBytes / BlockBytes * HashBytes))];
        var buffer = new byte[ReadBlocks * BlockBytes];
        var salted = new byte[salt.Length + BlockBytes];
        salt.CopyTo(salted, 0);
        var next = 0;
        for (long at = 0; at < data.LengthBytes; at += buffer.Length)
        {
            ct.ThrowIfCancellationRequested();
            var count = data.Read(at, buffer);
            for (var block = 0; block < count; block += BlockBytes, next += HashBytes)
            {
                buffer.AsSpan(block, BlockBytes).CopyTo(salted.AsSpan(salt.Length));
                SHA256.HashData(salted, hashes.AsSpan(next, HashBytes));
            }
        }
        return hashes;
    }

    private static byte[] Concatenated(IReadOnlyList<byte[]> parts)
    {
        var whole = new byte[parts.Sum(p => p.Length)];
        var next = 0;
        foreach (var part in parts)
        {
            part.CopyTo(whole, next);
            next += part.Length;
        }
        return whole;
    }

    private static byte[] Padded(byte[] hashes)
    {
        var padded = new byte[(hashes.Length + BlockBytes - 1) / BlockBytes * BlockBytes];
        hashes.CopyTo(padded, 0);
        return padded;
    }
}
