using System.CommandLine;
using System.CommandLine.Help;
using Pipeline.Cli.Verbs;

namespace Pipeline.Cli;

/// <summary>All verbs under one root.</summary>
internal static class CommandTree
{
    public const string Name = "pipeline";

    public static RootCommand Create()
    {
        var common = new CommonOptions();
        var root = new RootCommand("Builds bootable disk images from OCI containers, as a repository of manifests says, and releases them.")
        {
            ValidateVerb.Create(common),
            PlanVerb.Create(common),
            BuildVerb.Create(common),
            PublishVerb.Create(common),
            ReconcileVerb.Create(common),
            SiteVerb.Create(common),
            UpdateVerb.Create(common),
            CommentVerb.Create(common),
            InspectVerb.Create(common),
            FlashVerb.Create(common),
            ServeVerb.Create(common),
            VerifyVerb.Create(common),
            KeyVerb.Create(common),
            CacheVerb.Create(common),
            BoardsVerb.Create(common),
            LayoutVerb.Create(common),
            InitVerb.Create(common),
            CompletionVerb.Create(common),
        };
        foreach (var option in common.Everywhere)
            root.Add(option);
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new VerbHelp((HelpAction)help.Action!);
        return root;
    }

    /// <summary>The verb or option that somebody may have meant; null where none is near.</summary>
    public static string? Nearest(string word, Command command)
    {
        var names = command.Subcommands.Select(c => c.Name).Concat(command.Options.Select(o => o.Name));
        var near = names.Select(name => (Name: name, Distance: Distance(word, name))).MinBy(n => n.Distance);
        return near.Name is not null && near.Distance <= Math.Max(1, near.Name.Length / 3) ? near.Name : null;
    }

    /// <summary>How many letters must be put in, taken out or replaced.</summary>
    private static int Distance(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (from[i - 1] == to[j - 1] ? 0 : 1)));
        }
        return row[^1];
    }
}
