using Pipeline.Core.Diagnostics;
using Pipeline.Kit;
using Shouldly;

namespace Pipeline.Oci.Layers;

/// <summary>Layers in, tree out, for the tests of this folder.</summary>
internal static class Unpacked
{
    public static async Task<UnpackedImage> CreateAsync(BlobSource source)
    {
        var result = await TryAsync(source);
        result.Diagnostics.ShouldBeEmpty();
        return result.Value!;
    }

    public static Task<UnpackedImage> CreateAsync(params TarBuilder[] layers) =>
        CreateAsync(layers.Aggregate(new BlobSource(), (s, l) => s.Add(l.ToArray())));

    public static async Task<Result<UnpackedImage>> TryAsync(BlobSource source)
    {
        using var temp = new TempDir();
        return await ImageUnpacker.UnpackAsync(source, source.ToImage(), new() { ScratchDirectory = temp.Path }, CancellationToken.None);
    }
}
