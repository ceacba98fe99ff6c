using System.Globalization;
using System.Text;

namespace Pipeline.Engine.Building.Boot;

/// <summary>
/// The part of TOML 1.0 that bootc's <c>kargs.d</c> uses: keys with arrays of strings, and comments. Anything else is
/// refused, because an argument that is silently left out is found only when the machine does not boot.
/// </summary>
internal sealed class TomlStrings
{
    private readonly string _text;
    private int _at;

    private TomlStrings(string text) => _text = text;

    /// <exception cref="FormatException">It is not such a file; the message says where and why.</exception>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Read(string text)
    {
        var reader = new TomlStrings(text);
        var values = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        for (reader.SkipBlank(lines: true); !reader.IsOver; reader.SkipBlank(lines: true))
        {
            var key = reader.Key();
            reader.Expect('=');
            if (!values.TryAdd(key, reader.Array()))
                throw reader.Wrong($"the key {key} is there twice");
            reader.SkipBlank(lines: false);
            if (!reader.IsOver && reader.Peek is not '\n')
                throw reader.Wrong("expected the end of the line");
        }
        return values;
    }

    private bool IsOver => _at >= _text.Length;

    private char Peek => IsOver ? '\0' : _text[_at];

    private FormatException Wrong(string why) => new($"line {_text.AsSpan(0, Math.Min(_at, _text.Length)).Count('\n') + 1}: {why}");

    private void SkipBlank(bool lines)
    {
        while (!IsOver)
        {
            if (Peek is ' ' or '\t' or '\r' || (lines && Peek == '\n'))
                _at++;
            else if (Peek == '#')
                _at = _text.IndexOf('\n', _at) is var end and >= 0 ? end : _text.Length;
            else
                return;
        }
    }

    private string Key()
    {
        if (Peek is '"' or '\'')
            return String();
        var start = _at;
        while (char.IsAsciiLetterOrDigit(Peek) || Peek is '-' or '_')
            _at++;
        return _at > start ? _text[start.._at] : throw Wrong($"expected a key, found '{Peek}'");
    }

    private void Expect(char c)
    {
        SkipBlank(lines: false);
        if (Peek != c)
            throw Wrong($"expected '{c}'");
        _at++;
    }

    private List<string> Array()
    {
        Expect('[');
        var items = new List<string>();
        for (SkipBlank(lines: true); Peek != ']'; SkipBlank(lines: true))
        {
            if (items.Count > 0)
            {
                Expect(',');
                SkipBlank(lines: true);
                if (Peek == ']')
                    break;
            }
            items.Add(String());
        }
        _at++;
        return items;
    }

    private string String()
    {
        var quote = Peek;
        if (quote is not ('"' or '\''))
            throw Wrong("expected a string");
        var text = new StringBuilder();
        for (_at++; Peek != quote; _at++)
        {
            if (IsOver || Peek is '\n' or '\r')
                throw Wrong("a string is not closed");
            text.Append(Peek == '\\' && quote == '"' ? Escaped() : Peek);
        }
        _at++;
        return text.ToString();
    }

    private string Escaped()
    {
        _at++;
        switch (Peek)
        {
            case '"' or '\\':
                return Peek.ToString();
            case 't':
                return "\t";
            case 'u' when _at + 4 < _text.Length && ushort.TryParse(_text.AsSpan(_at + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code):
                _at += 4;
                return ((char)code).ToString();
            default:
                throw Wrong($"expected an escape such as \\\" or \\\\, found '{Peek}'");
        }
    }
}
