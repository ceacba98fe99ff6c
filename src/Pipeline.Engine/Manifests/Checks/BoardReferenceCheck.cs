using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Carried;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Schema;

namespace Pipeline.Engine.Manifests.Checks;

/// <summary>The boards of an image exist, are sound, and are named once.</summary>
internal static class BoardReferenceCheck
{
    public static void Run(ImageManifest image, BoardSet boards, DiagnosticBag bag)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, span) in image.Boards)
        {
            if (!seen.Add(name))
                bag.Add(ManifestRules.BoardTwice, span, Message.Quote(name));
            else if (CarriedName.Is(name))
                bag.AddRange(CarriedName.ProblemOf(name, span));
            else if (!boards.Files.TryGetValue(name, out var file))
                bag.Add(ManifestRules.UnknownBoard, span, Message.Quote(name), Advice(name, boards));
            else if (!boards.Good.ContainsKey(name))
                bag.Add(ManifestRules.InvalidBoard, span, name, file);
        }
    }

    private static string Advice(string name, BoardSet boards) =>
        Nearest.Find(name, boards.Files.Keys) is { } near ? $"did you mean '{near}'?" : $"there are {Message.List(boards.Files.Keys)}";
}
