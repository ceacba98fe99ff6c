namespace Pipeline.Engine.Publishing.GitHub;

/// <summary>
/// The tag of an image's release, <c>IMAGE-VERSION</c>. A version holds no '-', so the last one parts them, and no two
/// images can ever want the same tag.
/// </summary>
internal sealed record ReleaseTag(string Image, ReleaseVersion Version)
{
    public override string ToString() => $"{Image}-{Version}";

    public static string Prefix(string image) => image + "-";

    /// <summary>Null for what people tagged themselves.</summary>
    public static ReleaseTag? TryParse(string tag)
    {
        var dash = tag.LastIndexOf('-');
        return dash > 0 && ReleaseVersion.TryParse(tag[(dash + 1)..], out var version) ? new(tag[..dash], version) : null;
    }

    /// <summary>git-check-ref-format: our names can break one rule only.</summary>
    public static void Check(string image)
    {
        if (image.Contains("..", StringComparison.Ordinal))
            throw ReleaseRefusedException.Because(GitHubRules.ImageName, image);
    }
}
