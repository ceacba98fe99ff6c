using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Publishing;

/// <summary>The host refuses for a reason that trying again does not mend: a token, a permission, a limit.</summary>
public sealed class ReleaseRefusedException(Diagnostic diagnostic) : IOException($"{diagnostic.Rule.Code}: {diagnostic.Message}")
{
    public Diagnostic Diagnostic => diagnostic;

    public static ReleaseRefusedException Because(Rule rule, params ReadOnlySpan<object?> arguments) =>
        new(Diagnostic.Create(rule, null, arguments));
}

/// <summary>Somebody released the image between the opening of a draft and its publication.</summary>
/// <param name="newest">What is the newest release now.</param>
public sealed class OvertakenException(PublishedRelease newest) : IOException($"{newest.Release.Image} was released as {newest.Version} meanwhile")
{
    public PublishedRelease Newest => newest;
}
