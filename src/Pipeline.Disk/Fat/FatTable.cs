using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Disk.Fat;

/// <summary>
/// The used front of one file allocation table. Chains are runs of clusters one after another, laid down in ascending
/// order; clusters behind the last run are free and read as zeroes.
/// </summary>
internal sealed class FatTable
{
    private const uint EndOfChain = 0x0FFF_FFFF;
    private readonly int _bits;
    private readonly byte[] _bytes;

    /// <param name="clusterCount">Clusters that are used, all from cluster 2 on.</param>
    public FatTable(int bits, long clusterCount)
    {
        _bits = bits;
        _bytes = new byte[((clusterCount + 2) * bits + 7) / 8];
        Set(0, 0x0FFF_FF00 | BootSector.Media);
        // All ones in entry 1 also says: cleanly unmounted, no read errors.
        Set(1, EndOfChain);
    }

    public ReadOnlySpan<byte> Bytes => _bytes;

    public void AddRun(uint firstCluster, uint count)
    {
        if (count == 0)
            return;
        var last = firstCluster + count - 1;
        for (var cluster = firstCluster; cluster < last; cluster++)
            Set(cluster, cluster + 1);
        Set(last, EndOfChain);
    }

    private void Set(uint cluster, uint value)
    {
        switch (_bits)
        {
            case 32:
                WriteUInt32LittleEndian(_bytes.AsSpan(checked((int)cluster * 4)), value);
                break;
            case 16:
                WriteUInt16LittleEndian(_bytes.AsSpan((int)cluster * 2), (ushort)value);
                break;
            default:
                Set12((int)cluster, (int)value & 0xFFF);
                break;
        }
    }

    /// <summary>Two entries share three bytes: the even one has the low twelve bits.</summary>
    private void Set12(int cluster, int value)
    {
        var place = cluster * 3 / 2;
        var shift = cluster % 2 * 4;
        _bytes[place] |= (byte)(value << shift);
        _bytes[place + 1] |= (byte)(value >> (8 - shift));
    }
}
