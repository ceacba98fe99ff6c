using System.Globalization;

namespace Pipeline.Core.Diagnostics;

/// <summary>One complaint: what is wrong, where, and what to do about it.</summary>
/// <param name="Span">Null where no file of the user is to blame; never a made-up place.</param>
public sealed record Diagnostic(Rule Rule, SourceSpan? Span, string Message)
{
    /// <summary>Passwords in addresses are left out of the message.</summary>
    public static Diagnostic Create(Rule rule, SourceSpan? span, params ReadOnlySpan<object?> arguments) =>
        new(rule, span, AddressSecrets.Hide(string.Format(CultureInfo.InvariantCulture, rule.Format, arguments)));

    /// <summary>The compiler's form: <c>file:line:col: error PLnnnn: message</c>.</summary>
    public override string ToString()
    {
        var severity = Rule.Severity == Severity.Error ? "error" : "warning";
        return Span is null ? $"{severity} {Rule.Code}: {Message}" : $"{Span}: {severity} {Rule.Code}: {Message}";
    }
}
