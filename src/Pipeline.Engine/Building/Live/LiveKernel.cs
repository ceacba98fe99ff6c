using Pipeline.Core.Files;
using Pipeline.Engine.Building.Live.Initrds;

namespace Pipeline.Engine.Building.Live;

/// <summary>A kernel of the source with its own initrd.</summary>
/// <param name="DeviceTree">Null where the board names none.</param>
internal sealed record LiveKernel(string Version, FileContent Image, FileContent Initrd, FileContent? DeviceTree, InitrdFacts Facts)
{
    /// <summary>For messages: where the initrd lies in the source.</summary>
    public required string InitrdPath { get; init; }
}
