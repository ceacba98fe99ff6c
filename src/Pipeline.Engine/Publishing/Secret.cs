namespace Pipeline.Engine.Publishing;

/// <summary>A token. Text that it is put into shows <c>(secret)</c>: only <see cref="Reveal"/> gives it away.</summary>
/// <param name="origin">Where it was found, for messages: <c>GITHUB_TOKEN</c>.</param>
public sealed class Secret(string value, string origin)
{
    private const string Shown = "(secret)";

    public string Origin => origin;

    /// <summary>For the header of a request, and for nothing else.</summary>
    public string Reveal() => value;

    /// <summary>A text of the outside without the secret, should it repeat it.</summary>
    public string Scrub(string text) => text.Replace(value, Shown, StringComparison.Ordinal);

    public override string ToString() => Shown;
}
