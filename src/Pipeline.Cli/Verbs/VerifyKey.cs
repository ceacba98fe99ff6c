using Pipeline.Core.Diagnostics;
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
        var problem = "there is no such file";
        if (new FileInfo(path) is { Exists: true, Length: <= VerificationKey.LimitBytes })
        {
            (var key, problem) = VerificationKey.Read(await File.ReadAllTextAsync(path, ct));
            if (key is not null)
                return key;
        }
        return Result<VerificationKey?>.Failed(Diagnostic.Create(VerifyRules.KeyUnusable, null, path, problem));
    }
}
