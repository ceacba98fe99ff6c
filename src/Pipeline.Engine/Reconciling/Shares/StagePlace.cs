using System.Diagnostics.CodeAnalysis;
using Pipeline.Engine.Manifests.Reading;

namespace Pipeline.Engine.Reconciling.Shares;

/// <summary>A place in a registry where shares bring their work: <c>oci://HOST[:PORT]/PATH[:RUN]</c>.</summary>
/// <param name="Repository"><c>HOST[:PORT]/PATH</c>.</param>
/// <param name="Run">Keeps the shares of one run apart from others'; what their tags begin with.</param>
public sealed record StagePlace(string Repository, string Run)
{
    private const string Scheme = "oci://";
    private const string UsualRun = "stage";
    private const int LongestRun = 60;

    /// <summary>Whether a text names a registry and not a directory.</summary>
    public static bool IsMeant(string text) => text.StartsWith(Scheme, StringComparison.Ordinal);

    /// <param name="problem">What is wrong, as a whole sentence without a stop.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out StagePlace? place, out string problem)
    {
        (place, problem) = (null, "");
        var rest = IsMeant(text) ? text[Scheme.Length..] : text;
        var colon = rest.LastIndexOf(':');
        var hasRun = colon > rest.IndexOf('/', StringComparison.Ordinal);
        var (repository, run) = hasRun ? (rest[..colon], rest[(colon + 1)..]) : (rest, UsualRun);
        var wrong = RegistryPlace.Problem(repository)
            ?? (hasRun ? SourceText.Problem(rest) : null)
            ?? (run.Length > LongestRun ? $"the name of its run has more than {LongestRun} characters" : null);
        if (wrong is null)
            place = new(repository, run);
        else
            problem = $"'{SourceText.Quote(text)}' is no place in a registry: {wrong}; write oci://HOST[:PORT]/PATH or oci://HOST[:PORT]/PATH:RUN";
        return place is not null;
    }
}
