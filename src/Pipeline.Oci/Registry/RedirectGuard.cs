using System.Net;
using System.Net.Sockets;

namespace Pipeline.Oci.Registry;

/// <summary>
/// Where a registry may send us. A public one must not point into this machine's own network (its metadata service, a
/// printer, another container), and nobody may take us from TLS to plain HTTP.
/// </summary>
internal static class RedirectGuard
{
    /// <summary>Null when the target is fine, otherwise why not, as part of a sentence.</summary>
    public static string? Complaint(RegistryEndpoint from, Uri target)
    {
        if (target.Scheme != Uri.UriSchemeHttps && target.Scheme != Uri.UriSchemeHttp)
            return "which is neither https nor http";
        if (target.Scheme == Uri.UriSchemeHttp && !from.IsPlainHttp)
            return "which is not encrypted";
        if (target.UserInfo.Length > 0)
            return "which holds a user name";
        return !from.IsLocal && IsPrivate(target.Host) ? "which is an address of a private network" : null;
    }

    /// <summary>A literal address that is not of the public network, or <c>localhost</c>. Names are not resolved.</summary>
    public static bool IsPrivate(string host)
    {
        var name = host.Trim('[', ']').TrimEnd('.');
        if (name.Equals("localhost", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase))
            return true;
        if (!IPAddress.TryParse(name, out var address))
            return false;
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? IPAddress.IsLoopback(address) || address.IsIPv6LinkLocal || address.IsIPv6UniqueLocal || address.IsIPv6SiteLocal
                || address.Equals(IPAddress.IPv6Any)
            : IsPrivate(address.GetAddressBytes());
    }

    /// <summary>A URL as it may be shown: signed ones carry secrets in their query.</summary>
    public static string Shown(Uri uri) => uri.IsAbsoluteUri ? $"{uri.Scheme}://{uri.Authority}{uri.AbsolutePath}" : "a relative address";

    private static bool IsPrivate(ReadOnlySpan<byte> v4) => v4[0] switch
    {
        0 or 10 or 127 => true,
        100 => v4[1] is >= 64 and <= 127,
        169 => v4[1] == 254,
        172 => v4[1] is >= 16 and <= 31,
        192 => v4[1] == 168,
        _ => false,
    };
}
