using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Checks;

/// <summary>Users have names and ids of their own.</summary>
internal static class UsersCheck
{
    public static void Run(Customization customization, YamlMap tree, DiagnosticBag bag)
    {
        var trees = tree.Map("customize").Maps("users").ToList();
        var seen = new Dictionary<string, SourceSpan>(StringComparer.Ordinal);
        for (var i = 0; i < customization.Users.Length; i++)
        {
            var user = customization.Users[i];
            if (user.Name.Length > 0)
                Claim($"the user name '{Message.Quote(user.Name)}'", trees[i].SpanOf("name"), seen, bag);
            if (user.Uid is { } uid)
                Claim($"the user id {uid}", trees[i].SpanOf("uid"), seen, bag);
        }
    }

    private static void Claim(string what, SourceSpan span, Dictionary<string, SourceSpan> seen, DiagnosticBag bag)
    {
        if (!seen.TryAdd(what, span))
            bag.Add(ManifestRules.DuplicateUser, span, what, seen[what]);
    }
}
