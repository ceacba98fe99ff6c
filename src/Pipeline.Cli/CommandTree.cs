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
            InspectVerb.Create(common),
            CacheVerb.Create(common),
            BoardsVerb.Create(common),
            InitVerb.Create(common),
            CompletionVerb.Create(common),
        };
        foreach (var option in common.Everywhere)
            root.Add(option);
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new VerbHelp((HelpAction)help.Action!);
        return root;
    }
}
