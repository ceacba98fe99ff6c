using Pipeline.Core.Files;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Building.Live;

public sealed class LiveExclusionTests
{
    private static readonly string[] Files = ["/boot/vmlinuz", "/boot/grub/grub.cfg", "/lib/a.pyc", "/lib/b.py", "/lib/deep/er/b.pyc", "/share/doc/x/y"];

    [Theory]
    [InlineData("/boot/*", 2, "/boot /lib/a.pyc /lib/b.py /lib/deep/er/b.pyc /share/doc/x/y")]
    [InlineData("/boot", 1, "/lib/a.pyc /lib/b.py /lib/deep/er/b.pyc /share/doc/x/y")]
    [InlineData("/boot/**", 2, "/boot /lib/a.pyc /lib/b.py /lib/deep/er/b.pyc /share/doc/x/y")]
    [InlineData("/boot/vm*", 1, "/boot/grub/grub.cfg /lib/a.pyc /lib/b.py /lib/deep/er/b.pyc /share/doc/x/y")]
    [InlineData("/lib/**/*.pyc", 2, "/boot/grub/grub.cfg /boot/vmlinuz /lib/b.py /lib/deep/er /share/doc/x/y")]
    [InlineData("/**/doc/**", 1, "/boot/grub/grub.cfg /boot/vmlinuz /lib/a.pyc /lib/b.py /lib/deep/er/b.pyc /share/doc")]
    [InlineData("/lib/?.pyc", 1, "/boot/grub/grub.cfg /boot/vmlinuz /lib/b.py /lib/deep/er/b.pyc /share/doc/x/y")]
    [InlineData("/Boot/*", 0, "/boot/grub/grub.cfg /boot/vmlinuz /lib/a.pyc /lib/b.py /lib/deep/er/b.pyc /share/doc/x/y")]
    [InlineData("/link/*", 0, "/boot/grub/grub.cfg /boot/vmlinuz /lib/a.pyc /lib/b.py /lib/deep/er/b.pyc /share/doc/x/y")]
    public void A_pattern_takes_out_what_it_says_and_no_more(string pattern, int count, string left)
    {
        var tree = new FileTree();
        foreach (var path in Files)
            tree.Set(path, new RegularFile());
        tree.Set("/link", new SymbolicLink { Target = "lib"u8.ToArray() });

        LiveExclusion.Remove(tree, pattern).ShouldBe(count);

        var leaves = tree.Walk().Where(n => n.Node is RegularFile or DirectoryNode { Children.Count: 0 }).Select(n => n.Path);
        string.Join(' ', leaves).ShouldBe(left);
    }
}
