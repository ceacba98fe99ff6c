using System.Globalization;
using System.Text;
using Pipeline.Core.Files;

namespace Pipeline.Engine.Building.Packages;

/// <summary>A member of an ar archive: its name and where it lies in the archive.</summary>
internal sealed record ArMember(string Name, long OffsetBytes, long LengthBytes);

/// <summary>The members of a Unix ar archive, as Debian packages use it: deb(5), ar(5). Bounded; nothing of it is trusted.</summary>
internal static class ArArchive
{
    private const int HeaderBytes = 60;
    private const int MaxMembers = 32;

    /// <exception cref="InvalidDataException">It is not an ar archive, or broken off.</exception>
    public static IReadOnlyList<ArMember> Read(FileContent archive)
    {
        Span<byte> magic = stackalloc byte[8];
        if (archive.Read(0, magic) < magic.Length || !magic.SequenceEqual("!<arch>\n"u8))
            throw new InvalidDataException("it does not begin with !<arch>");
        var members = new List<ArMember>();
        Span<byte> header = stackalloc byte[HeaderBytes];
        for (long place = magic.Length; place < archive.LengthBytes;)
        {
            if (members.Count == MaxMembers)
                throw new InvalidDataException($"it has more than {MaxMembers} members");
            if (archive.Read(place, header) < HeaderBytes || !header[58..].SequenceEqual("`\n"u8))
                throw new InvalidDataException($"there is no header of a member at byte {place}");
            var size = Encoding.ASCII.GetString(header[48..58]).TrimEnd(' ');
            if (!long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length > archive.LengthBytes - place - HeaderBytes)
                throw new InvalidDataException($"the member at byte {place} is longer than the archive");
            members.Add(new(Encoding.ASCII.GetString(header[..16]).TrimEnd(' ').TrimEnd('/'), place + HeaderBytes, length));
            // Members begin at even places.
            place += HeaderBytes + length + length % 2;
        }
        return members;
    }
}
