using System.Globalization;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Reading;

/// <summary>One raw blob of a board.</summary>
internal sealed class BlobReader(string rootPath, int sectorBytes, DiagnosticBag bag)
{
    public RawBlob Read(YamlMap blob)
    {
        var from = blob.Map("from");
        return new RawBlob(
            blob.Text("name") ?? "",
            PathText.Read(from.Scalar("container") ?? from.Scalar("path"), bag),
            RepositoryPath.ReadFile(from.Scalar("file"), rootPath, bag),
            from.Text("sha256"),
            SizeText.Read(blob.Scalar("offset"), sectorBytes, bag) ?? ByteSize.Zero,
            SizeText.Read(blob.Scalar("limit"), sectorBytes, bag),
            [.. blob.Maps("keep").Select(ReadKeep)],
            blob.Span)
        {
            Image = ReadImage(from),
            PackagePath = PathText.Read(from.Scalar("deb"), bag),
            Padding = ReadByte(blob.Text("padding")),
            Expect = Words.Loader(blob.Text("expect")),
        };
    }

    private BlobImage? ReadImage(YamlMap? from)
    {
        if (from.Scalar("image") is not { } image)
            return null;
        return new BlobImage(OneImage.Read(image, rootPath, bag), PlatformText.Read(from.Scalar("platform"), bag));
    }

    private (long FirstByte, long EndByte) ReadKeep(YamlMap keep)
    {
        var first = SizeText.Read(keep.Scalar("offset"), sectorBytes, bag) ?? ByteSize.Zero;
        var length = SizeText.Read(keep.Scalar("length"), sectorBytes, bag) ?? ByteSize.Zero;
        return (first.Bytes, (first + length).Bytes);
    }

    private static byte? ReadByte(string? text) =>
        text is not null && byte.TryParse(text.AsSpan(Math.Min(2, text.Length)), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) ? value : null;
}
