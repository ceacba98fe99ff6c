using Pipeline.Core.Reporting;

namespace Pipeline.Oci.Layers;

/// <summary>How an image is unpacked.</summary>
public sealed record UnpackOptions
{
    /// <summary>
    /// Where the uncompressed layers go; it must have room for them. Made when it is missing. Their files have no name
    /// there from the moment they are open, so nothing is left behind, whatever happens.
    /// </summary>
    public required string ScratchDirectory { get; init; }

    /// <summary>How many layers are unpacked side by side.</summary>
    public int Parallelism { get; init; } = Environment.ProcessorCount;

    /// <summary>Also hash the uncompressed layers. The manifest binds every byte already, so this only finds mistakes of the publisher.</summary>
    public bool VerifyDiffIds { get; init; }

    public IReporter Reporter { get; init; } = SilentReporter.Instance;
}
