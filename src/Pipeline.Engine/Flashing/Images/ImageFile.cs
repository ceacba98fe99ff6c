using Pipeline.Core.Units;
using Pipeline.Engine.Planning;

namespace Pipeline.Engine.Flashing.Images;

/// <summary>Which file to write, and what is said of it elsewhere.</summary>
/// <param name="Shown">How messages call it.</param>
/// <param name="BlockMapPath">Null writes everything.</param>
/// <param name="Sha256">What SHA256SUMS says of the packed file; null where nobody says.</param>
/// <param name="BlockMapSha256">The same of the map.</param>
public sealed record ImageFile(string Path, string Shown, string? BlockMapPath, Digest? Sha256, Digest? BlockMapSha256)
{
    /// <summary>What the release's record says of the unpacked image; null where nobody says.</summary>
    public UnpackedFile? Unpacked { get; init; }
}
