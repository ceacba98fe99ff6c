namespace Pipeline.Cli.Reporting;

/// <summary>Colours text where the stream shows colours, and leaves it alone elsewhere.</summary>
internal sealed record Paint(bool IsOn)
{
    public string Good(string text) => With(text, "32");

    public string Change(string text) => With(text, "33");

    public string Bad(string text) => With(text, "31");

    public string Faint(string text) => With(text, "2");

    public string Strong(string text) => With(text, "1");

    private string With(string text, string code) => IsOn ? $"\e[{code}m{text}\e[0m" : text;
}
