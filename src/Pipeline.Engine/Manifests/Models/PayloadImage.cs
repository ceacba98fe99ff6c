namespace Pipeline.Engine.Manifests.Models;

/// <summary>In which form a live system carries an image.</summary>
public enum PayloadForm
{
    /// <summary>A store of containers, as podman and its relatives have theirs.</summary>
    Store,

    /// <summary>An OCI image layout: all documents and layers as they are.</summary>
    Layout,
}

/// <summary>A container image that a live system carries: what it installs, or what it runs.</summary>
/// <param name="Path">Of the directory in the system, absolute.</param>
/// <param name="Name">What the image is called there: HOST/NAME:TAG.</param>
public sealed record PayloadImage(ImageSource Source, PayloadForm Form, string Path, string Name);
