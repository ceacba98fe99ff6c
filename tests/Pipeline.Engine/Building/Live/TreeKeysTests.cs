using System.Text;
using Pipeline.Core.Files;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Building.Live;

public sealed class TreeKeysTests
{
    private static readonly FileContent Shared = FileContent.Of(new MemorySource("of the layers, of the layers"u8.ToArray()), 0, 13);

    /// <summary>Every change that a file system shows, each by itself.</summary>
    public static TheoryData<string, Action<FileTree>> Changes => new()
    {
        { "a mode", t => t.Find("/a")!.Permissions = 1 },
        { "a user", t => t.Find("/a")!.Uid = 1 },
        { "a group", t => t.Find("/a")!.Gid = 1 },
        { "a second", t => t.Find("/a")!.Mtime = new(1) },
        { "a nanosecond", t => t.Find("/a")!.Mtime = new(0, 1) },
        { "an attribute", t => t.Find("/a")!.Xattrs = [new("user.x", [1])] },
        { "the root", t => t.Root.Permissions = 1 },
        { "a name", t => t.Set("/other", new RegularFile { Content = Shared }) },
        { "a file less", t => t.Remove("/a") },
        { "a byte", t => ((RegularFile)t.Find("/own")!).Content = FileContent.Of("owN"u8.ToArray()) },
        { "another place", t => ((RegularFile)t.Find("/a")!).Content = FileContent.Of(Shared.Source!, 1, 13) },
        { "a hole", t => ((RegularFile)t.Find("/own")!).Content = FileContent.Sparse(new MemorySource("own"u8.ToArray()), 3, [new(0, 3, 0)]) },
        { "a longer hole", t => ((RegularFile)t.Find("/own")!).Content = FileContent.Sparse(new MemorySource("own"u8.ToArray()), 4, [new(0, 3, 0)]) },
        { "a link's target", t => t.Set("/link", new SymbolicLink { Target = "b"u8.ToArray() }) },
        { "a link that is a file", t => t.Set("/link", new RegularFile { Content = FileContent.Of("a"u8.ToArray()) }) },
        { "a device", t => t.Set("/device", new SpecialFile { Kind = SpecialKind.CharacterDevice, Major = 1, Minor = 4 }) },
        { "a kind of device", t => t.Set("/device", new SpecialFile { Kind = SpecialKind.BlockDevice, Major = 1, Minor = 3 }) },
        { "a second name that is a file of its own", t => t.Set("/hard", t.Find("/a")!.CloneAlone()) },
        { "a second name of another file", t => t.Set("/hard", t.Find("/own")!) },
        { "a directory deeper", t => { t.Remove("/d/e"); t.Set("/d/f/e", new RegularFile()); } },
    };

    [Fact]
    public void Copies_have_one_key_wherever_their_own_bytes_lie()
    {
        var keys = Keys();

        keys.Of(Copy("own", 0)).ShouldBe(keys.Of(Copy("xxown", 2)));
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public void Each_change_has_another_key(string what, Action<FileTree> change)
    {
        var (keys, changed) = (Keys(), Copy("own", 0));
        change(changed);

        keys.Of(changed).ShouldNotBe(keys.Of(Copy("own", 0)), what);
    }

    private static TreeKeys Keys()
    {
        var first = new FileTree();
        first.Set("/a", new RegularFile { Content = Shared });
        return new(first);
    }

    /// <param name="own">What the first tree does not have, with something before it.</param>
    private static FileTree Copy(string own, int offset)
    {
        var tree = new FileTree();
        tree.Set("/a", new RegularFile { Content = Shared });
        tree.Set("/own", new RegularFile { Content = FileContent.Of(new MemorySource(Encoding.ASCII.GetBytes(own)), offset, 3) });
        tree.Set("/hard", tree.Find("/a")!);
        tree.Set("/link", new SymbolicLink { Target = "a"u8.ToArray() });
        tree.Set("/device", new SpecialFile { Kind = SpecialKind.CharacterDevice, Major = 1, Minor = 3 });
        tree.Set("/d/e", new RegularFile());
        return tree;
    }
}
