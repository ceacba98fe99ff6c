using System.Globalization;
using System.Text.RegularExpressions;
using Pipeline.Core.Files;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Disk.Ext4.Directories;

public sealed class DirectoryHashTests
{
    /// <summary>debugfs knows the hash; lengths around the chunks of 32 bytes and names with the high bit set count.</summary>
    [Fact]
    public void It_is_the_hash_that_debugfs_knows()
    {
        using var dir = new TempDir();
        E2fs.Write(dir["i"], new FileTree());
        var seed = E2fs.Options.HashSeed;
        var names = new[] { 1, 3, 4, 5, 31, 32, 33, 63, 64, 65, 200 }.Select(n => new string('q', n - 1) + "Z").Append("äöü").Append("漢字").ToList();
        foreach (var name in names)
        {
            var said = Regex.Match(E2fs.Debugfs(dir["i"], $"dx_hash -h half_md4 -s {seed} {name}"), "is 0x([0-9a-f]+) \\(minor 0x([0-9a-f]+)\\)");
            var (hash, minor) = new DirectoryHash(seed).Of(FileName.Of(name).Bytes);
            (hash, minor).ShouldBe((uint.Parse(said.Groups[1].Value, NumberStyles.HexNumber), uint.Parse(said.Groups[2].Value, NumberStyles.HexNumber)), name);
        }
    }
}
