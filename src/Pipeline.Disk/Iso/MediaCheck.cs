using System.Security.Cryptography;
using System.Text;
using Pipeline.Disk.Iso.Records;

namespace Pipeline.Disk.Iso;

/// <summary>
/// The sums that <c>implantisomd5</c> puts into a volume descriptor and <c>checkisomd5</c> compares: MD5 over the volume
/// without its last 15 blocks, with spaces in place of the sums themselves; and three digits of what the sum was after each
/// of twenty parts, so that a broken medium is found early. It finds damage; it proves no origin.
/// </summary>
internal sealed class MediaCheck : IDisposable
{
    private const int SkippedBlocks = 15;
    private const int Fragments = 20;
    private const int DigitsOfFragment = 3;

    /// <summary>Fragments are told apart only where one of these ends: so the tools read.</summary>
    private const int ChunkBytes = 32 << 10;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
    private readonly char[] _fragments = new string('0', Fragments * DigitsOfFragment).ToCharArray();
    private readonly byte[] _chunk = new byte[ChunkBytes];
    private readonly long _totalBytes;
    private long _chunkStart;
    private int _filled;
    private long _fragment;

    /// <param name="volumeBytes">What the volume descriptor says of its size.</param>
    public MediaCheck(long volumeBytes) => _totalBytes = volumeBytes - SkippedBlocks * (long)IsoFormat.BlockBytes;

    /// <summary>The bytes of the volume, one behind the other; those beyond the sum's end are not counted.</summary>
    public void Append(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty && _chunkStart + _filled < _totalBytes)
        {
            var room = (int)Math.Min(ChunkBytes, _totalBytes - _chunkStart) - _filled;
            var now = data[..Math.Min(room, data.Length)];
            now.CopyTo(_chunk.AsSpan(_filled));
            _filled += now.Length;
            data = data[now.Length..];
            if (now.Length == room)
                EndChunk();
        }
    }

    /// <summary>Zeroes, as many as are wanted.</summary>
    public void AppendZeroes(long count)
    {
        Span<byte> zeroes = stackalloc byte[4096];
        zeroes.Clear();
        for (; count > 0; count -= Math.Min(count, zeroes.Length))
            Append(zeroes[..(int)Math.Min(count, zeroes.Length)]);
    }

    /// <summary>The text for the descriptor's field. Called once, when all is appended.</summary>
    public byte[] Finish()
    {
        if (_chunkStart < _totalBytes)
            throw new InvalidOperationException($"{_chunkStart + _filled} of {_totalBytes} bytes were summed");
        var sum = Convert.ToHexStringLower(_hash.GetHashAndReset());
        var text = $"ISO MD5SUM = {sum};SKIPSECTORS = {SkippedBlocks};RHLISOSTATUS=0;FRAGMENT SUMS = {new string(_fragments)};"
            + $"FRAGMENT COUNT = {Fragments};THIS IS NOT THE SAME AS RUNNING MD5SUM ON THIS ISO!!";
        return Encoding.ASCII.GetBytes(text.PadRight(VolumeDescriptor.ApplicationUseBytes));
    }

    public void Dispose() => _hash.Dispose();

    /// <summary>A part ends with the chunk in which the next begins; each of its digits is the first of a byte that is not zero.</summary>
    private void EndChunk()
    {
        _hash.AppendData(_chunk, 0, _filled);
        var fragment = _chunkStart / (_totalBytes / (Fragments + 1));
        if (fragment != _fragment && fragment <= Fragments)
        {
            Span<byte> sum = stackalloc byte[MD5.HashSizeInBytes];
            _hash.GetCurrentHash(sum);
            for (var i = 0; i < DigitsOfFragment; i++)
                _fragments[(int)(fragment - 1) * DigitsOfFragment + i] = sum[i].ToString("x", null)[0];
        }
        _fragment = fragment;
        _chunkStart += _filled;
        _filled = 0;
    }
}
