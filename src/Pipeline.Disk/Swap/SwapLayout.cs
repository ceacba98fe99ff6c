using System.Text;
using Pipeline.Core.Blocks;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;

namespace Pipeline.Disk.Swap;

/// <summary>
/// A swap area of version 1 with pages of 4096 bytes: a header page, then space. A machine with larger pages (some
/// arm64 kernels) refuses it, as it refuses every area made elsewhere.
/// </summary>
public sealed class SwapLayout
{
    public const int PageBytes = 4096;
    public const int MaxLabelBytes = 15;

    /// <summary>What mkswap and the kernel insist on.</summary>
    private const int MinPages = 10;

    private SwapLayout(long lengthBytes, Guid uuid, byte[] label) => (LengthBytes, Uuid, Label) = (lengthBytes, uuid, label);

    public long LengthBytes { get; }

    public Guid Uuid { get; }

    internal byte[] Label { get; }

    /// <param name="lengthBytes">A part of a page at the end stays unused.</param>
    /// <param name="label">Null or empty is none.</param>
    public static Result<SwapLayout> Place(long lengthBytes, Guid uuid, string? label, SourceSpan? span)
    {
        var bag = new DiagnosticBag();
        var bytes = Encoding.UTF8.GetBytes(label ?? "");
        if (lengthBytes < MinPages * PageBytes)
            bag.Add(SwapRules.TooSmall, span, new ByteSize(lengthBytes), ByteSize.KiB(MinPages * PageBytes >> 10));
        if (lengthBytes / PageBytes > uint.MaxValue)
            bag.Add(SwapRules.TooLarge, span, new ByteSize(lengthBytes), new ByteSize((long)uint.MaxValue * PageBytes));
        if (bytes.Length > MaxLabelBytes)
            bag.Add(SwapRules.LabelTooLong, span, label, bytes.Length);
        return bag.HasErrors ? Result<SwapLayout>.Failed(bag.ToImmutable()) : new SwapLayout(lengthBytes, uuid, bytes);
    }

    public IEnumerable<Region> Regions() =>
    [
        new(0, PageBytes, "swap header"),
        new(PageBytes, LengthBytes / PageBytes * PageBytes - PageBytes, "swap space"),
    ];
}
