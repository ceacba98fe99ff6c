using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Building.Live.Netboot;

/// <summary>PL498x: what keeps a system from booting over the network.</summary>
public static class NetbootRules
{
    public static readonly Rule KernelPacked = new("PL4981", Severity.Error,
        "the kernel {0} cannot be unpacked for the network: {1}; install one that is an Image, or packed with gzip, zstd or xz");

    public static readonly Rule ScriptWord = new("PL4982", Severity.Error,
        "the kernel argument '{0}' cannot stand in an iPXE script, which would read '${{' as a setting; write it otherwise");
}
