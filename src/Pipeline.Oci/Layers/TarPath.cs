using System.Text;

namespace Pipeline.Oci.Layers;

/// <summary>Paths as tars spell them (<c>./etc//hosts</c>, <c>/etc/hosts</c>, <c>etc/</c>) and as they are kept (<c>etc/hosts</c>).</summary>
internal static class TarPath
{
    private const int ShownBytes = 200;

    /// <summary>Null where a part is "..": a layer may not climb.</summary>
    public static byte[]? Clean(byte[] raw, out int longestName)
    {
        longestName = 0;
        var kept = new byte[raw.Length + 1];
        var length = 0;
        for (var start = 0; start <= raw.Length;)
        {
            var end = raw.AsSpan(start).IndexOf((byte)'/');
            end = end < 0 ? raw.Length : start + end;
            var part = raw.AsSpan(start, end - start);
            start = end + 1;
            if (part.IsEmpty || part.SequenceEqual("."u8))
                continue;
            if (part.SequenceEqual(".."u8))
                return null;
            longestName = Math.Max(longestName, part.Length);
            part.CopyTo(kept.AsSpan(length));
            length += part.Length;
            kept[length++] = (byte)'/';
        }
        return kept[..Math.Max(0, length - 1)];
    }

    /// <summary>The directory part; empty for a name in the root.</summary>
    public static ReadOnlySpan<byte> Parent(ReadOnlySpan<byte> path)
    {
        var slash = path.LastIndexOf((byte)'/');
        return slash < 0 ? [] : path[..slash];
    }

    public static ReadOnlySpan<byte> Name(ReadOnlySpan<byte> path) => path[(path.LastIndexOf((byte)'/') + 1)..];

    /// <summary>For messages: the start of it.</summary>
    public static string Show(ReadOnlySpan<byte> path) =>
        path.Length <= ShownBytes ? Encoding.UTF8.GetString(path) : Encoding.UTF8.GetString(path[..ShownBytes]) + "...";
}
