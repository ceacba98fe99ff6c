using System.Text;

namespace Pipeline.Web.Releases;

/// <summary>
/// The script that iPXE is pointed at: it tells the release's own script where the files lie, which older versions of
/// iPXE cannot find out. With several it asks.
/// </summary>
internal static class BootScript
{
    public const string Name = "boot.ipxe";
    public const string Ending = ".ipxe";

    /// <param name="host">As the client called this server: a name or address, and a port.</param>
    /// <param name="scripts">Names of the scripts that are served.</param>
    /// <returns>Null where there is none, or the client gave a name that is none.</returns>
    public static string? Text(string host, IReadOnlyList<string> scripts)
    {
        if (scripts.Count == 0 || host.Length == 0 || !host.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or ':' or '[' or ']'))
            return null;
        var text = new StringBuilder($"#!ipxe\nset base-url http://{host}/\n");
        if (scripts.Count == 1)
            return text.Append($"chain ${{base-url}}{Uri.EscapeDataString(scripts[0])}\n").ToString();
        text.Append("menu What to start\n");
        foreach (var script in scripts)
            text.Append($"item {Uri.EscapeDataString(script)} {script[..^Ending.Length]}\n");
        return text.Append("choose script && chain ${base-url}${script}\n").ToString();
    }
}
