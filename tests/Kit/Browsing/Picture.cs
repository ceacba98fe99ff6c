using System.Buffers.Binary;
using Microsoft.Playwright;
using Shouldly;

namespace Pipeline.Kit;

/// <summary>
/// Pictures of the pages for documents, in <c>docs/pictures</c>. Letters look different with every version of a font, so they
/// are compared by their size and by having something on them; <c>PIPELINE_UPDATE_GOLDEN=1</c> rewrites them.
/// </summary>
public static class Picture
{
    public const string Folder = "docs/pictures";

    /// <summary>A document with a few of them still loads at once.</summary>
    private const int MostBytes = 150_000;

    /// <summary>An empty page of this size packs to a few kilobytes at most.</summary>
    private const double LeastBytesPerPixel = 0.02;

    public static async Task MatchAsync(string name, IPage page)
    {
        var taken = await page.ScreenshotAsync(new() { Animations = ScreenshotAnimations.Disabled, Caret = ScreenshotCaret.Hide });
        Complaint(taken).ShouldBeNull(name);
        var path = Path.Combine(Documents.RootPath, Folder, name);
        if (Environment.GetEnvironmentVariable("PIPELINE_UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllBytesAsync(path, taken);
        }
        File.Exists(path).ShouldBeTrue($"there is no {path}; PIPELINE_UPDATE_GOLDEN=1 makes it");
        var kept = await File.ReadAllBytesAsync(path);
        Complaint(kept).ShouldBeNull(path);
        SizeOf(kept).ShouldBe(SizeOf(taken), $"{path} is of another size; PIPELINE_UPDATE_GOLDEN=1 rewrites it");
    }

    /// <summary>Why it is no picture for a document; null where it is one.</summary>
    public static string? Complaint(byte[] png)
    {
        if (png.Length < 24 || !png.AsSpan(1).StartsWith("PNG"u8))
            return "no PNG";
        var (width, height) = SizeOf(png);
        if (png.Length > MostBytes)
            return $"{png.Length} bytes, at most {MostBytes}";
        return png.Length < LeastBytesPerPixel * width * height ? $"{width} by {height} in {png.Length} bytes: there is nothing on it" : null;
    }

    /// <summary>From IHDR, the first chunk.</summary>
    public static (int Width, int Height) SizeOf(byte[] png) => (BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20)));
}
