using Pipeline.Oci.Layers;

namespace Pipeline.Bench;

/// <summary>The product's unpacker alone: from a layout to a merged tree whose contents can be read.</summary>
internal static class Unpack
{
    public static async Task<string> RunAsync(string layoutDirectory, string scratch)
    {
        await using var layout = new Layout(layoutDirectory);
        var options = new UnpackOptions { ScratchDirectory = scratch };
        var result = await ImageUnpacker.UnpackAsync(layout, layout.Read(), options, CancellationToken.None);
        if (!result.IsOk)
            throw new InvalidDataException(string.Join('\n', result.Diagnostics));
        using var image = result.Value!;
        return $"{image.Tree.Walk().Count()} names";
    }
}
