namespace Pipeline.Core.Diagnostics;

/// <summary>A place in a file that a user wrote. <paramref name="Line"/> and <paramref name="Column"/> count from 1.</summary>
/// <param name="File">Relative to the repository, with forward slashes; in another tree its label stands before it, <c>LABEL//images/x/image.yaml</c>.</param>
public sealed record SourceSpan(string File, int Line, int Column)
{
    /// <summary>The tree that the file belongs to where that is not the repository itself.</summary>
    public SourceTree? Tree { get; init; }

    public override string ToString() => $"{File}:{Line}:{Column}";
}

/// <summary>A value together with the place where the user wrote it; the place is null for a default or derived value.</summary>
public readonly record struct Located<T>(T Value, SourceSpan? Span);

/// <summary>Files from elsewhere that a repository builds on.</summary>
/// <param name="Label">Where they come from, for people.</param>
/// <param name="RootPath">Absolute path of the directory that holds them; nothing outside of it is theirs to name.</param>
public sealed record SourceTree(string Label, string RootPath)
{
    private const string Separator = "//";

    /// <param name="file">Relative to the tree.</param>
    public string Name(string file) => Label + Separator + file;

    /// <summary>A file of the tree, relative to it.</summary>
    public string Strip(string name) => name[(Label.Length + Separator.Length)..];
}
