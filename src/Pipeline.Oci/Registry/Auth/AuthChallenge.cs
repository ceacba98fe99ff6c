using System.Collections.Immutable;

namespace Pipeline.Oci.Registry.Auth;

/// <summary>One way to sign in that a registry offers: a scheme and its parameters, of <c>WWW-Authenticate</c> (RFC 9110, 11.6.1).</summary>
internal sealed record AuthChallenge(string Scheme, ImmutableDictionary<string, string> Parameters)
{
    private const int MaxLength = 8192;

    public bool IsBearer => Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase);

    public bool IsBasic => Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase);

    public string? this[string parameter] => Parameters.GetValueOrDefault(parameter);

    /// <summary>
    /// Reads the values of all <c>WWW-Authenticate</c> headers. Commas part both parameters and challenges, and may stand
    /// inside quotes (scopes are full of them); what cannot be read ends the list.
    /// </summary>
    public static ImmutableArray<AuthChallenge> Parse(IEnumerable<string> headers) => [.. headers.SelectMany(ParseOne)];

    private static List<AuthChallenge> ParseOne(string header)
    {
        var found = new List<AuthChallenge>();
        var text = new Cursor(header.Length > MaxLength ? header[..MaxLength] : header);
        while (text.SkipSeparators() && text.Token() is { Length: > 0 } word)
        {
            if (text.Take('='))
            {
                var value = text.Value();
                if (found.Count > 0)
                    found[^1] = found[^1] with { Parameters = found[^1].Parameters.SetItem(word, value) };
            }
            else
            {
                found.Add(new(word, ImmutableDictionary.Create<string, string>(StringComparer.OrdinalIgnoreCase)));
            }
        }
        return found;
    }

    private sealed class Cursor(string text)
    {
        private int _at;

        public bool SkipSeparators()
        {
            while (_at < text.Length && text[_at] is ' ' or '\t' or ',')
                _at++;
            return _at < text.Length;
        }

        public string Token()
        {
            var start = _at;
            while (_at < text.Length && !" \t,=\"".Contains(text[_at], StringComparison.Ordinal))
                _at++;
            return text[start.._at];
        }

        /// <summary>Takes the character, with blanks around it; leaves all in place where it is not there.</summary>
        public bool Take(char wanted)
        {
            var at = _at;
            while (at < text.Length && text[at] is ' ' or '\t')
                at++;
            if (at >= text.Length || text[at] != wanted)
                return false;
            _at = at + 1;
            while (_at < text.Length && text[_at] is ' ' or '\t')
                _at++;
            return true;
        }

        public string Value()
        {
            if (_at >= text.Length || text[_at] != '"')
                return Token();
            var value = new System.Text.StringBuilder();
            for (_at++; _at < text.Length && text[_at] != '"'; _at++)
            {
                if (text[_at] == '\\' && _at + 1 < text.Length)
                    _at++;
                value.Append(text[_at]);
            }
            _at++;
            return value.ToString();
        }
    }
}
