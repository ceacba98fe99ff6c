using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Publishing.Proof;

/// <summary>
/// Finds the signing key: <c>PIPELINE_SIGNING_KEY</c> (the PEM itself), the file that <c>PIPELINE_SIGNING_KEY_FILE</c> names,
/// <c>signing.key</c>; and its passphrase. Nothing that it says repeats what it read.
/// </summary>
/// <param name="environment">Environment variables by name.</param>
public sealed class SigningConnection(SigningConfig? signing, Func<string, string?> environment)
{
    public const string KeyVariable = "PIPELINE_SIGNING_KEY";
    public const string KeyFileVariable = "PIPELINE_SIGNING_KEY_FILE";
    public const string PassphraseVariable = "PIPELINE_SIGNING_PASSPHRASE";
    public const string PassphraseFileVariable = "PIPELINE_SIGNING_PASSPHRASE_FILE";

    /// <summary>The key; null without an error where releases are not signed.</summary>
    public async Task<Result<SigningKey?>> FindAsync(CancellationToken ct)
    {
        if (signing is null)
            return new Result<SigningKey?>(null, []);
        try
        {
            var pem = await PemAsync(ct) ?? throw Refused(ProofRules.NoKey);
            var (key, problem) = KeyFile.Read(pem, await PassphraseAsync(ct));
            if (key is null)
                throw Refused(ProofRules.KeyUnusable, pem.Origin, problem);
            await CheckAsync(key, pem.Origin, ct);
            return key;
        }
        catch (ReleaseRefusedException e)
        {
            return Result<SigningKey?>.Failed(e.Diagnostic with { Span = signing.Span });
        }
    }

    /// <summary>What <see cref="PassphraseVariable"/> or the file beside it says; null for neither.</summary>
    public async Task<Secret?> PassphraseAsync(CancellationToken ct) =>
        Variable(PassphraseVariable) is { } text ? new(text, PassphraseVariable)
        : Variable(PassphraseFileVariable) is { } file ? new((await ReadAsync(file, PassphraseFileVariable, ct)).TrimEnd('\r', '\n'), file)
        : null;

    /// <summary>What names the key here, whether releases are signed or not; null for nothing.</summary>
    public async Task<Secret?> PemAsync(CancellationToken ct) =>
        Variable(KeyVariable) is { } pem ? new(pem, KeyVariable)
        : Variable(KeyFileVariable) is { } file ? new(await ReadAsync(file, KeyFileVariable, ct), file)
        : signing?.KeyPath is { } path ? new(await ReadAsync(path, "signing.key", ct), path)
        : null;

    private async Task CheckAsync(SigningKey key, string origin, CancellationToken ct)
    {
        if (signing!.PublicKeyPath is not { } path)
            return;
        var (wanted, problem) = VerificationKey.Read(await ReadAsync(path, "signing.publicKey", ct));
        if (wanted?.Id != key.Public.Id)
            throw Refused(ProofRules.OtherKey, origin, problem ?? $"{wanted!.Id[..12]}…, found {key.Public.Id[..12]}…");
    }

    private static async Task<string> ReadAsync(string path, string origin, CancellationToken ct)
    {
        try
        {
            return await SmallFile.ReadTextAsync(path, VerificationKey.LimitBytes, ct)
                ?? throw Refused(ProofRules.SecretFile, path, origin, $"it is longer than {VerificationKey.LimitBytes} bytes");
        }
        catch (Exception e) when (e is UnauthorizedAccessException or (IOException and not ReleaseRefusedException))
        {
            throw Refused(ProofRules.SecretFile, path, origin, e is UnauthorizedAccessException ? "it may not be read" : "there is no such file, or it is on a failing disk");
        }
    }

    private static ReleaseRefusedException Refused(Rule rule, params ReadOnlySpan<object?> arguments) => ReleaseRefusedException.Because(rule, arguments);

    private string? Variable(string name) => environment(name) is { Length: > 0 } value ? value : null;
}
