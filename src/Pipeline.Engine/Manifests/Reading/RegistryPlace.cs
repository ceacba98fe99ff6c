namespace Pipeline.Engine.Manifests.Reading;

/// <summary>A place in a registry that things are written to: <c>HOST[:PORT]/PATH</c>.</summary>
public static class RegistryPlace
{
    /// <summary>What is wrong with it; null where nothing is.</summary>
    public static string? Problem(string text) =>
        FormProblem(text)
        ?? SourceText.Problem(text)
        ?? (text.Contains('@') || text.LastIndexOf(':') > text.IndexOf('/', StringComparison.Ordinal) ? "it has a tag or digest; write HOST[:PORT]/PATH" : null)
        ?? (text.IndexOf('/', StringComparison.Ordinal) < 0 ? "it names a scheme; write HOST[:PORT]/PATH" : null);

    /// <summary>What a source may be and a place may not, or the other way round.</summary>
    private static string? FormProblem(string text) =>
        text.Length == 0 ? "it is empty; write HOST[:PORT]/PATH"
        : SourceText.IsHost(text) ? "it names a registry and nothing in it; write HOST[:PORT]/PATH"
        : text.Contains("://", StringComparison.Ordinal) && !text.Contains('@') ? "it is named without a scheme; write HOST[:PORT]/PATH"
        : null;
}
