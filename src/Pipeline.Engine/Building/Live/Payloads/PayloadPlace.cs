using Pipeline.Core.Files;

namespace Pipeline.Engine.Building.Live.Payloads;

/// <summary>Puts an image that a live system carries into the system's tree.</summary>
internal static class PayloadPlace
{
    /// <summary>What is wrong is in the system's bag.</summary>
    public static void Lay(LiveSystem system)
    {
        if (system.Job.Payload is not { } payload)
            return;
        var wanted = system.Options.Payload!;
        var found = system.Tree.Find(wanted.Path);
        if (found is DirectoryNode directory && !IsBare(directory))
        {
            system.Bag.Add(PayloadRules.Occupied, wanted.Source.Span, wanted.Path);
            return;
        }
        try
        {
            if (found is not (null or DirectoryNode))
                throw new IOException($"{wanted.Path} is no directory");
            system.Tree.Set(system.Tree.RealPath(wanted.Path) ?? wanted.Path, payload.Root);
        }
        catch (IOException e)
        {
            system.Bag.Add(PayloadRules.Blocked, wanted.Source.Span, wanted.Path, e.Message);
        }
    }

    /// <summary>Packages leave empty folders and locks behind.</summary>
    private static bool IsBare(DirectoryNode directory) => directory.Children.All(c => c.Value switch
    {
        DirectoryNode below => IsBare(below),
        RegularFile file => file.Content.LengthBytes == 0,
        _ => false,
    });
}
