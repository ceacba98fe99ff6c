using System.Globalization;

namespace Pipeline.Engine.Manifests.LinuxKit;

/// <summary>The short forms of a container's settings. What is wrong comes back as text that says what to write.</summary>
internal static class ContainerText
{
    /// <summary>capabilities(7), in the order of their numbers.</summary>
    public static readonly string[] Capabilities =
    [
        .. new[]
        {
            "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP", "LINUX_IMMUTABLE",
            "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER", "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT",
            "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE",
            "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP", "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ",
            "PERFMON", "BPF", "CHECKPOINT_RESTORE",
        }.Select(c => "CAP_" + c),
    ];

    /// <summary>getrlimit(2).</summary>
    public static readonly string[] Limits =
    [
        .. new[]
        {
            "CPU", "FSIZE", "DATA", "STACK", "CORE", "RSS", "NPROC", "NOFILE", "MEMLOCK", "AS", "LOCKS", "SIGPENDING", "MSGQUEUE", "NICE", "RTPRIO", "RTTIME",
        }.Select(l => "RLIMIT_" + l),
    ];

    /// <summary>SOURCE:DESTINATION[:OPTIONS].</summary>
    public static ContainerMount? Bind(string text, out string problem)
    {
        var parts = text.Split(':');
        problem = parts.Length switch
        {
            < 2 => "write SOURCE:DESTINATION or SOURCE:DESTINATION:OPTIONS",
            > 3 => "it has more than two ':'",
            _ when parts[0].Length == 0 || !parts[1].StartsWith('/') => "its destination must begin with '/', and its source be a path or a volume",
            _ => "",
        };
        return problem.Length > 0 ? null : new(parts[1], "bind", parts[0], parts.Length == 3 ? parts[2] + ",rbind" : "rw,rbind,rshared");
    }

    /// <summary>PATH[:OPTIONS].</summary>
    public static ContainerMount? Tmpfs(string text, out string problem)
    {
        var parts = text.Split(':');
        problem = parts.Length > 2 ? "it has more than one ':'" : parts[0].StartsWith('/') ? "" : "its path must begin with '/'";
        return problem.Length > 0 ? null : new(parts[0], "tmpfs", "tmpfs", parts.Length == 2 ? parts[1] : "");
    }

    /// <summary>NAME,SOFT,HARD.</summary>
    public static ContainerLimit? Limit(string text, out string problem)
    {
        var parts = text.Split(',', StringSplitOptions.TrimEntries);
        var name = parts[0].ToUpperInvariant();
        name = name.StartsWith("RLIMIT_", StringComparison.Ordinal) ? name : "RLIMIT_" + name;
        var (soft, hard) = (parts.Length == 3 ? Amount(parts[1]) : null, parts.Length == 3 ? Amount(parts[2]) : null);
        problem = parts.Length != 3 ? "write NAME,SOFT,HARD, such as nofile,1024,4096"
            : !Limits.Contains(name) ? $"known limits are {Message.List(Limits.Select(l => l[7..].ToLowerInvariant()))}"
            : soft is null || hard is null ? "write numbers, or unlimited"
            : soft > hard ? "the soft limit is above the hard one"
            : "";
        return problem.Length > 0 ? null : new(name, soft!.Value, hard!.Value);
    }

    /// <summary>The kind of a mount that says none; empty where nothing tells it.</summary>
    public static string MountType(string source, string destination) =>
        source is "mqueue" or "devpts" or "proc" or "sysfs" or "cgroup" ? source : destination == "/dev" ? "tmpfs" : "";

    /// <summary>Where a kind is mounted that does not say; empty where there is no usual place.</summary>
    public static string MountPlace(string type) => type switch
    {
        "proc" => "/proc",
        "devpts" => "/dev/pts",
        "sysfs" => "/sys",
        "cgroup" => "/sys/fs/cgroup",
        "mqueue" => "/dev/mqueue",
        _ => "",
    };

    /// <summary>Octal digits; null where there is nothing.</summary>
    public static ushort? Mode(string? text) =>
        text is null ? null : Convert.ToUInt16(text.StartsWith("0o", StringComparison.Ordinal) ? text[2..] : text, 8);

    private static ulong? Amount(string text) =>
        text.Equals("unlimited", StringComparison.OrdinalIgnoreCase) ? ulong.MaxValue
        : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var amount) ? amount : null;
}
