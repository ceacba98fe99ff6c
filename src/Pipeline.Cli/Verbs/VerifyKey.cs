using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Publishing.Proof;
using Pipeline.Engine.Verifying;

namespace Pipeline.Cli.Verbs;

/// <summary>The key to verify with: the one that is said, else that of the repository; null for none.</summary>
internal static class VerifyKey
{
    public static async Task<Result<VerificationKey?>> FindAsync(string? file, SigningConfig? signing, CancellationToken ct)
    {
        if ((file ?? signing?.PublicKeyPath) is not { } path)
            return new Result<VerificationKey?>(null, []);
        var (key, problem) = await ReadAsync(path, ct);
        return key ?? Result<VerificationKey?>.Failed(Diagnostic.Create(VerifyRules.KeyUnusable, null, path, problem));
    }

    private static async Task<(VerificationKey? Key, string? Problem)> ReadAsync(string path, CancellationToken ct)
    {
        try
        {
            return await SmallFile.ReadTextAsync(path, VerificationKey.LimitBytes, ct) is { } pem
                ? VerificationKey.Read(pem)
                : (null, $"it is longer than {VerificationKey.LimitBytes} bytes");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, e is UnauthorizedAccessException ? "it may not be read" : "there is no such file");
        }
    }
}
