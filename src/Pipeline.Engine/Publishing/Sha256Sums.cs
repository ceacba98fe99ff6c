using System.Text;
using Pipeline.Core.Units;

namespace Pipeline.Engine.Publishing;

/// <summary>
/// The <c>SHA256SUMS</c> of a release: <c>HEX *NAME</c> lines in binary form, sorted by name, itself not listed.
/// What <c>sha256sum -c</c> and systemd-sysupdate read.
/// </summary>
public static class Sha256Sums
{
    /// <param name="files">Names that <see cref="ReleaseNames"/> allows, so that nothing needs the backslash form.</param>
    public static byte[] Write(IEnumerable<(string Name, Digest Sha256)> files)
    {
        var text = new StringBuilder();
        foreach (var (name, digest) in files.OrderBy(f => f.Name, StringComparer.Ordinal))
            text.Append(digest.Hex).Append(" *").Append(name).Append('\n');
        return Encoding.ASCII.GetBytes(text.ToString());
    }
}
