using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;

namespace Pipeline.Disk.Fat;

/// <summary>Turns a file tree into FAT directories and says everything that FAT cannot hold.</summary>
/// <param name="firstFiles">Names of the root that come first, in this order.</param>
internal sealed class FatTreeReader(SourceSpan? span, ImmutableArray<string> firstFiles)
{
    private const int MaxMistakes = 50;
    private readonly DiagnosticBag _bag = new();
    private int _unsaid;

    /// <summary>The directories, the root first, then level by level in the order of their names.</summary>
    public Result<ImmutableArray<FatDirectory>> Read(FileTree tree)
    {
        var directories = new List<FatDirectory> { new("/", tree.Root, null) };
        for (var i = 0; i < directories.Count; i++)
        {
            ReadDirectory(directories[i]);
            if (i == 0)
                PutFirst(directories[0]);
            directories.AddRange(directories[i].Files.Where(f => f.Directory is not null).Select(f => f.Directory!));
        }
        if (_unsaid > 0)
            _bag.Add(FatRules.TooManyMistakes, span, _unsaid);
        return _bag.HasErrors ? Result<ImmutableArray<FatDirectory>>.Failed(_bag.ToImmutable()) : directories.ToImmutableArray();
    }

    private void ReadDirectory(FatDirectory directory)
    {
        var aliases = new AliasMaker();
        var known = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var accepted = new List<(string Text, FileNode Node, FatName? Name)>();
        foreach (var (name, node) in directory.Node.Children)
        {
            var path = directory.Path + name;
            if (FatName.Decode(name, out var reason) is not { } text)
                Complain(FatRules.BadName, path, reason);
            else if (!known.TryAdd(text, path))
                Complain(FatRules.CaseCollision, known[text], path);
            else if (CanHold(path, node))
                accepted.Add((text, node, aliases.Natural(text)));
        }
        foreach (var (text, node, natural) in accepted)
            directory.Add(NewFile(directory, text, node, natural ?? aliases.Alias(text)));
        if (directory.SlotCount > FatDirectory.MaxSlots - 1)
            Complain(FatRules.DirectoryFull, directory.Path, directory.SlotCount, FatDirectory.MaxSlots - 1);
    }

    private void PutFirst(FatDirectory root)
    {
        foreach (var name in firstFiles.Reverse())
        {
            var file = root.Files.Find(f => f.Directory is null && string.Equals(f.Text, name, StringComparison.OrdinalIgnoreCase));
            if (file is null)
            {
                Complain(FatRules.FirstMissing, name);
                continue;
            }
            root.Files.Remove(file);
            root.Files.Insert(0, file);
        }
    }

    private static FatFile NewFile(FatDirectory parent, string text, FileNode node, FatName name) => new(name, node)
    {
        Text = text,
        Directory = node is DirectoryNode child ? new FatDirectory(parent.Path + text + "/", child, parent) : null,
    };

    private bool CanHold(string path, FileNode node)
    {
        switch (node)
        {
            case SymbolicLink link:
                Complain(FatRules.Symlink, path, FileName.Of(link.Target));
                return false;
            case SpecialFile special:
                Complain(FatRules.Special, path, Describe(special.Kind));
                return false;
            case RegularFile file when file.Content.LengthBytes > uint.MaxValue:
                Complain(FatRules.FileTooLong, path, file.Content.LengthBytes);
                return false;
            default:
                return true;
        }
    }

    private void Complain(Rule rule, params ReadOnlySpan<object?> arguments)
    {
        if (_bag.Count < MaxMistakes)
            _bag.Add(rule, span, arguments);
        else
            _unsaid++;
    }

    private static string Describe(SpecialKind kind) => kind switch
    {
        SpecialKind.CharacterDevice => "character device",
        SpecialKind.BlockDevice => "block device",
        SpecialKind.Fifo => "fifo",
        _ => "socket",
    };
}
