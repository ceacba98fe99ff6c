namespace Pipeline.Engine.Publishing;

/// <summary>
/// File names that every host keeps as they are: letters, digits, '.', '_' and '-', beginning and ending with a letter
/// or digit. Release pages quietly rename others.
/// </summary>
public static class ReleaseNames
{
    public const int LimitCharacters = 200;

    public static bool IsValid(string name) =>
        name.Length is > 0 and <= LimitCharacters
        && char.IsAsciiLetterOrDigit(name[0])
        && char.IsAsciiLetterOrDigit(name[^1])
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');
}
