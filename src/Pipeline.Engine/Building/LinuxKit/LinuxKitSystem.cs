using Pipeline.Core.Files;

namespace Pipeline.Engine.Building.LinuxKit;

/// <summary>A system of several containers, put together and ready to be delivered.</summary>
/// <param name="Root">All of it but the kernel; the same for each output, which clones it.</param>
/// <param name="CommandLine">As the file says it; arguments of boards and manifests come behind.</param>
/// <param name="Microcode">An archive for the front of the initrd; null where there is none.</param>
internal sealed record LinuxKitSystem(FileTree Root, RegularFile Kernel, string CommandLine, FileContent? Microcode);
