using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing;

namespace Pipeline.Engine.Listing;

/// <summary>
/// A file as systemd-sysupdate finds it: <c>IMAGE-BOARD_VERSION_ARCHITECTURE.img.zst</c>. The version is that whose run built the
/// board, because what was carried over is no update.
/// </summary>
internal static class UpdateName
{
    private const string PlatformInput = "board.platform";
    private const string Linux = "linux/";

    /// <summary>With which all names of a board begin.</summary>
    public static string Stem(string image, string board) => $"{image}-{board}_";

    /// <param name="version">Of the release, for records that do not say what built a target.</param>
    /// <returns>Null for what nobody updates to: block maps, and files under names of others.</returns>
    public static string? Of(string image, PublishedTarget target, ReleaseFile file, ReleaseVersion version)
    {
        if (target.Id.Split('/') is not [_, var board, _] || !file.Name.StartsWith($"{image}-{board}", StringComparison.Ordinal) || file.Name.EndsWith(".bmap", StringComparison.Ordinal))
            return null;
        var built = ReleaseVersion.TryParse(target.BuiltIn, out var own) ? own : version;
        return $"{Stem(image, board)}{built}_{Architecture(target)}{file.Name[$"{image}-{board}".Length..]}";
    }

    /// <summary>In systemd's words, so that <c>%a</c> stands for it (systemd.unit(5), "Specifiers").</summary>
    private static string Architecture(PublishedTarget target)
    {
        var platform = target.Inputs.Deciding.GetValueOrDefault(PlatformInput, "unknown");
        var words = (platform.StartsWith(Linux, StringComparison.Ordinal) ? platform[Linux.Length..] : platform).Split('/');
        return words[0] switch
        {
            "amd64" => "x86-64",
            "386" => "x86",
            "ppc64le" => "ppc64-le",
            "mips64le" => "mips64-le",
            "loong64" => "loongarch64",
            var same => same,
        };
    }
}
