namespace Pipeline.Engine.Building.Live.Media;

/// <summary>One line of a boot menu: absolute paths on the medium.</summary>
internal sealed record LiveEntry(LiveKernel Kernel, string LinuxPath, string InitrdPath, string? DeviceTreePath);
