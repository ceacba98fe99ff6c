using System.Text;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Disk.Grub;

/// <summary>The modules of a core image: which are needed, and how they lie behind the kernel.</summary>
public static class GrubModules
{
    private const int MaxModules = 512;
    private const uint Magic = 0x676D_696D;     // GRUB_MODULE_MAGIC, "mimg"
    private const int AreaHeaderBytes = 12;     // struct grub_module_info32
    private const int ObjectHeaderBytes = 8;    // struct grub_module_header
    private const uint TypeElf = 0;             // OBJ_TYPE_ELF
    private const uint TypeConfig = 2;          // OBJ_TYPE_CONFIG
    private const uint TypePrefix = 3;          // OBJ_TYPE_PREFIX

    /// <summary>The wanted modules and all that they need, each behind what it needs itself: so GRUB loads them, and in the order of <c>grub-mkimage</c>.</summary>
    /// <param name="dependencies">The text of <c>moddep.lst</c>: <c>NAME: NEEDED NEEDED ...</c> a line.</param>
    /// <exception cref="InvalidDataException">A module is not in the list, or there are too many.</exception>
    public static IReadOnlyList<string> Resolve(string dependencies, IEnumerable<string> wanted)
    {
        var needs = new Dictionary<string, string[]>(StringComparer.Ordinal);
        foreach (var line in dependencies.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = line.IndexOf(':');
            if (colon > 0)
                needs[line[..colon].Trim()] = line[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        }
        var (order, seen) = (new List<string>(), new HashSet<string>(StringComparer.Ordinal));
        var pending = new Stack<(string Name, bool IsReady)>(wanted.Reverse().Select(w => (w, false)));
        while (pending.TryPop(out var next))
        {
            if (next.IsReady)
                order.Add(next.Name);
            if (next.IsReady || !seen.Add(next.Name))
                continue;
            if (!needs.TryGetValue(next.Name, out var below) || seen.Count > MaxModules)
                throw new InvalidDataException($"moddep.lst has no module '{next.Name}', or more than {MaxModules} are needed");
            pending.Push((next.Name, true));
            foreach (var name in below)
                pending.Push((name, false));
        }
        return order;
    }

    /// <summary>The area behind the kernel: a header, the modules, the configuration that runs first, the prefix.</summary>
    internal static byte[] Area(IEnumerable<byte[]> modules, string? config, string prefix)
    {
        var area = new MemoryStream();
        area.Write(new byte[AreaHeaderBytes]);
        foreach (var module in modules)
            Append(area, TypeElf, module);
        if (config is not null)
            Append(area, TypeConfig, Text(config));
        Append(area, TypePrefix, Text(prefix));
        var bytes = area.ToArray();
        WriteUInt32LittleEndian(bytes, Magic);                              // magic
        WriteUInt32LittleEndian(bytes.AsSpan(4), AreaHeaderBytes);          // offset of the first object
        WriteUInt32LittleEndian(bytes.AsSpan(8), (uint)bytes.Length);       // size, this header included
        return bytes;
    }

    private static byte[] Text(string text) => [.. Encoding.UTF8.GetBytes(text), 0];

    /// <summary>Objects are padded with zeroes to four bytes, and their size counts that.</summary>
    private static void Append(MemoryStream area, uint type, byte[] content)
    {
        var padded = (content.Length + 3) / 4 * 4;
        Span<byte> header = stackalloc byte[ObjectHeaderBytes];
        WriteUInt32LittleEndian(header, type);
        WriteUInt32LittleEndian(header[4..], (uint)(ObjectHeaderBytes + padded));
        area.Write(header);
        area.Write(content);
        area.Write(new byte[padded - content.Length]);
    }
}
