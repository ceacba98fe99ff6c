using Pipeline.Core.Files;

namespace Pipeline.Engine.Building.Boot;

/// <summary><c>uefi-files</c>: the source brought loader and configuration; only their presence is checked.</summary>
internal static class UefiFiles
{
    /// <param name="isAlone">No other method writes the kernel arguments anywhere.</param>
    public static void Check(BootContext context, bool isAlone)
    {
        if (context.Esp is not { } esp)
        {
            context.Bag.Add(BuildingRules.NoBootPartition, context.Boot.Span, "uefi-files", "a mounted FAT partition");
            return;
        }
        var loader = $"{esp.Path}/EFI/BOOT/{EfiNames.Default(context.Job.Board.Platform)}";
        if (FindIgnoringCase(context.Tree, loader) is null)
            context.Bag.Add(BuildingRules.NoLoader, context.Boot.Span, EfiNames.Default(context.Job.Board.Platform), loader);
        if (isAlone && !context.Job.Customization.KernelArguments.IsEmpty)
        {
            context.Bag.Add(BuildingRules.ArgumentsUnused, context.Job.Target.Image.Span, "uefi-files",
                string.Join(' ', context.Job.Customization.KernelArguments));
        }
    }

    /// <summary>FAT does not tell cases apart, containers do.</summary>
    public static string? FindIgnoringCase(FileTree tree, string path)
    {
        var found = "";
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (tree.Find(found) is not DirectoryNode directory)
                return null;
            var name = directory.Children.Select(c => c.Key.ToString())
                .FirstOrDefault(n => string.Equals(n, part, StringComparison.OrdinalIgnoreCase));
            if (name is null)
                return null;
            found += "/" + name;
        }
        return found;
    }
}
