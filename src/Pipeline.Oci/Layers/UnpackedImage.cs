using System.Collections.Immutable;
using Pipeline.Core.Files;

namespace Pipeline.Oci.Layers;

/// <summary>
/// The merged root file system of an image. Contents lie in uncompressed layers on disk, which live as long as this;
/// every board of the image clones <see cref="Tree"/> and reads the same contents, so nothing is decompressed twice.
/// </summary>
public sealed class UnpackedImage(FileTree tree, ImmutableArray<IDisposable> owned) : IDisposable
{
    public FileTree Tree => tree;

    public void Dispose()
    {
        foreach (var item in owned)
            item.Dispose();
    }
}
