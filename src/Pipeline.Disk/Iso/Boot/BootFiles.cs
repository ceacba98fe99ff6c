using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using static Pipeline.Disk.Iso.IsoFormat;

namespace Pipeline.Disk.Iso.Boot;

/// <summary>The files of the tree that firmware starts.</summary>
internal sealed record BootFiles(RegularFile? Bios, RegularFile? Efi)
{
    public static BootFiles Find(FileTree tree, IsoOptions options, SourceSpan? span, DiagnosticBag bag)
    {
        var least = options.Bios?.IsGrub == true ? BiosImage.LeastGrubBytes : BiosImage.LeastBytes;
        if (options.Table?.HybridBootCode is { Length: not SectorBytes } code)
            bag.Add(IsoRules.BadBootImage, span, "boot_hybrid.img", $"it has {code.Length} bytes, expected one sector of {SectorBytes}");
        return new(File(options.Bios?.ImagePath, least, MaxBootImageBytes), File(options.EfiImagePath, SectorBytes, long.MaxValue));

        RegularFile? File(string? path, int leastBytes, long mostBytes)
        {
            if (path is null)
                return null;
            var file = tree.Find(path, followLast: false) as RegularFile;
            var length = file?.Content.LengthBytes ?? 0;
            if (file is null)
                bag.Add(IsoRules.BadBootImage, span, path, "there is no such file");
            else if (length < leastBytes || length > mostBytes)
                bag.Add(IsoRules.BadBootImage, span, path, $"it has {length} bytes, expected {leastBytes} to {mostBytes}");
            else if (leastBytes == SectorBytes && length % SectorBytes != 0)
                bag.Add(IsoRules.BadBootImage, span, path, $"it has {length} bytes, expected a multiple of {SectorBytes}");
            return file;
        }
    }
}
