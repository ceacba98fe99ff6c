using System.Text;
using System.Text.Unicode;
using Pipeline.Core.Files;

namespace Pipeline.Engine.Building.Rootfs;

/// <summary>Small text files of a tree: read bounded, written with the owner and mode that they had.</summary>
internal static class TreeText
{
    /// <summary>Configuration files are never longer; a longer one is hostile or not text.</summary>
    public const int MaxBytes = 4 << 20;

    /// <summary>The text, or null where there is no such file (or it is longer than <see cref="MaxBytes"/>).</summary>
    public static string? Read(FileTree tree, string path) =>
        tree.Find(path) is RegularFile { Content.LengthBytes: <= MaxBytes } file ? Encoding.UTF8.GetString(file.Content.ReadAll(MaxBytes)) : null;

    /// <summary>Why a file that is there cannot be edited as text without loss; null where it can, or is not there.</summary>
    public static string? Problem(FileTree tree, string path)
    {
        if (tree.Find(path) is not RegularFile file)
            return null;
        if (file.Content.LengthBytes > MaxBytes)
            return $"it is longer than {MaxBytes} bytes";
        return Utf8.IsValid(file.Content.ReadAll(MaxBytes)) ? null : "it is not UTF-8";
    }

    /// <summary>Writes a file; one that was there keeps mode, owner and attributes, a new one is root's.</summary>
    /// <exception cref="IOException">A parent is not a directory.</exception>
    public static void Write(FileTree tree, string path, string text, UnixTime clock, ushort permissions = 0b110_100_100)
    {
        var file = tree.Find(path) is RegularFile old
            ? (RegularFile)old.CloneAlone()
            : new RegularFile { Permissions = permissions };
        file.Mtime = clock;
        file.Content = FileContent.Of(Encoding.UTF8.GetBytes(text));
        tree.Set(path, file);
    }
}
