using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Disk.Iso;
using Pipeline.Engine.Building.Boot;
using Pipeline.Engine.Building.Live;
using Pipeline.Oci.Platforms;

namespace Pipeline.Engine.Building.Isos;

/// <summary>The volume identifier of an ISO: the manifest's, else the container's, else the contract's.</summary>
internal static class IsoLabel
{
    private const int MaxLength = 32;

    public static string Of(LiveSystem system, IsoConfig config)
    {
        if (system.Options.Label is not { } label)
            return config.Label?.Value ?? Default(system.Tree, system.Job.Board.Platform);
        if (IsoVolumeId.Problem(label) is { } problem)
            system.Bag.Add(IsoBuildRules.BadLabel, system.Span, label, problem);
        return label;
    }

    /// <summary>The contract's names for the distributions that it knows; a version that is not told is left out.</summary>
    public static string Default(FileTree tree, Platform platform)
    {
        var (architecture, version) = (LinuxName(platform), Plain(OsRelease.Read(tree, "VERSION_ID")));
        string[] parts = OsRelease.Read(tree, "ID") switch
        {
            "fedora" => ["Fedora-S-dvd", architecture, version],
            "centos" => ["CentOS-Stream", version, "BaseOS", architecture],
            "rhel" => ["RHEL", version.Replace('.', '-'), "BaseOS", architecture],
            _ => ["Container-Installer", architecture],
        };
        var label = string.Join('-', parts.Where(p => p.Length > 0));
        return label[..Math.Min(label.Length, MaxLength)];
    }

    /// <summary>What <c>uname -m</c> says.</summary>
    public static string LinuxName(Platform platform) => platform.Architecture switch
    {
        "amd64" => "x86_64",
        "arm64" => "aarch64",
        "386" => "i686",
        "loong64" => "loongarch64",
        var same => same,
    };

    private static string Plain(string? text) => string.Concat((text ?? "").Where(IsoVolumeId.IsAllowed));
}
