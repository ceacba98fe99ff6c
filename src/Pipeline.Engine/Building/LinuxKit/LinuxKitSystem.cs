using Pipeline.Core.Files;

namespace Pipeline.Engine.Building.LinuxKit;

/// <summary>A system of several containers, put together and ready to be delivered.</summary>
/// <param name="Root">All of it but the kernel; the same for each output, which clones it.</param>
/// <param name="KernelTree">What lies beside the kernel and belongs to no root: loaders, device trees.</param>
/// <param name="CommandLine">As the file says it; arguments of boards and manifests come behind.</param>
internal sealed record LinuxKitSystem(FileTree Root, KernelParts Kernel, FileTree KernelTree, string CommandLine)
{
    private const string NoVersion = "linuxkit";

    /// <summary>The one that its modules are for; where there are none, a word in its place.</summary>
    public string KernelVersion =>
        Root.Find("/lib/modules") is DirectoryNode modules
            ? modules.Children.Where(c => c.Value is DirectoryNode).Select(c => c.Key.ToString()).Order(Boot.VersionOrder.Instance).LastOrDefault() ?? NoVersion
            : NoVersion;
}
