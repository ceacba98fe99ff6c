using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Pipeline.Oci.Sources.Storage;

/// <summary>Where the stores of this user are: containers-storage.conf(5), as far as it says so.</summary>
/// <param name="Driver">Null where nobody says; the store shows it.</param>
/// <param name="GraphRoot">Absolute; the user's own, or root's.</param>
/// <param name="MoreRoots">Stores that are only read.</param>
internal sealed record StorageConfig(string? Driver, string GraphRoot, ImmutableArray<string> MoreRoots)
{
    private const int MaxBytes = 1 << 20;

    /// <param name="environment">Environment variables by name.</param>
    public static StorageConfig Read(Func<string, string?> environment) => Read(environment, geteuid() == 0);

    internal static StorageConfig Read(Func<string, string?> environment, bool isRoot)
    {
        var home = environment("HOME") is { Length: > 0 } said ? said : "/";
        var configHome = environment("XDG_CONFIG_HOME") is { Length: > 0 } config ? config : Path.Combine(home, ".config");
        var dataHome = environment("XDG_DATA_HOME") is { Length: > 0 } data ? data : Path.Combine(home, ".local/share");
        var system = ReadFirst("/etc/containers/storage.conf", "/usr/share/containers/storage.conf");
        var named = environment("CONTAINERS_STORAGE_CONF") is { Length: > 0 } path ? ReadFirst(path) : null;
        var own = named ?? (isRoot ? null : ReadFirst(Path.Combine(configHome, "containers/storage.conf")));
        var chosen = own ?? system;
        var root = isRoot
            ? chosen?.Text("storage", "graphroot") ?? "/var/lib/containers/storage"
            : own?.Text("storage", "graphroot") ?? Expand(system?.Text("storage", "rootless_storage_path"), environment, home)
                ?? Path.Combine(dataHome, "containers/storage");
        var driver = environment("STORAGE_DRIVER") is { Length: > 0 } forced ? forced : chosen?.Text("storage", "driver");
        return new(driver is { Length: > 0 } ? driver : null, root, chosen?.Texts("storage.options", "additionalimagestores") ?? []);
    }

    private static string? Expand(string? path, Func<string, string?> environment, string home) =>
        path?.Replace("$HOME", home, StringComparison.Ordinal)
            .Replace("$USER", environment("USER") ?? "", StringComparison.Ordinal)
            .Replace("$UID", $"{geteuid()}", StringComparison.Ordinal);

    private static TomlText? ReadFirst(params ReadOnlySpan<string> paths)
    {
        foreach (var path in paths)
        {
            if (new FileInfo(path) is { Exists: true, Length: <= MaxBytes })
                return TomlText.Read(File.ReadAllText(path));
        }
        return null;
    }

#pragma warning disable IDE1006, SYSLIB1054 // a name of libc
    [DllImport("libc")]
    private static extern uint geteuid();
#pragma warning restore IDE1006, SYSLIB1054
}
