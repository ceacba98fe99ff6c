using Pipeline.Oci.Layers;
using Pipeline.Oci.Sources;

namespace Pipeline.Oci.Storing;

/// <summary>An image on its way into a store: its documents and its layers, as they are.</summary>
/// <param name="Name">What it is called there: HOST/NAME:TAG, or HOST/NAME@DIGEST.</param>
/// <param name="Image">With <see cref="PlatformImage.Originals"/>.</param>
public sealed record StoreImage(string Name, PlatformImage Image, ImageBlobs Blobs);
