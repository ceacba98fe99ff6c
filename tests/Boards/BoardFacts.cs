namespace Pipeline.Boards;

/// <summary>Bytes of a file of the container at a place of the medium.</summary>
/// <param name="Byte">Where on the medium, as the vendor's document says.</param>
/// <param name="Magic">Hexadecimal: what a boot ROM or the stage before it looks for at <paramref name="Byte"/> + <paramref name="MagicAt"/>.</param>
/// <param name="From">First byte of the file that lies there.</param>
/// <param name="Length">Of the part that lies there; null is all the rest.</param>
internal sealed record Place(long Byte, string File, string Magic = "", int MagicAt = 0, int From = 0, int? Length = null);

/// <summary>A partition as sfdisk shows it, in sectors.</summary>
/// <param name="First">Null where it may lie anywhere behind the one before.</param>
/// <param name="Sectors">Null where it is as large as its content.</param>
internal sealed record Entry(long? First, long? Sectors, string Type, string Flags = "");

/// <summary>
/// What the documents say of a board's medium, in numbers of their own: nothing here is read from a board file, which
/// cites the documents.
/// </summary>
/// <param name="Table">gpt or dos, as sfdisk calls them.</param>
internal sealed record BoardFacts(string Board, string Table, params Entry[] Entries)
{
    public Place[] Places { get; init; } = [];

    /// <summary>Files on the FAT partition, and where the container has them.</summary>
    public (string Name, string File)[] FatFiles { get; init; } = [];

    /// <summary>Version of the kernel in the container; some firmwares know kernels by its end.</summary>
    public string Kernel { get; init; } = "6.12.0-test";

    /// <summary>Which of the entries it is.</summary>
    public int FatPartition { get; init; }
}
