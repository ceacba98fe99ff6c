using System.Globalization;
using System.Net;

namespace Pipeline.Cli;

/// <summary>What <c>--listen</c> takes.</summary>
internal static class ListenAddress
{
    /// <summary>An address and a port, or a port of this machine alone; port 0 takes any.</summary>
    /// <exception cref="UsageException">It is neither.</exception>
    public static IPEndPoint Parse(string text)
    {
        if (ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            return new(IPAddress.Loopback, port);
        // Without a port the parser takes 0, which would be any.
        return IPEndPoint.TryParse(text, out var point) && text.EndsWith($":{point.Port}", StringComparison.Ordinal)
            ? point
            : throw new UsageException($"--listen is '{text}', expected ADDRESS:PORT such as 192.168.7.1:80 or [::1]:8080, or a port");
    }
}
