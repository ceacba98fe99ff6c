using System.Security.Cryptography;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Publishing;
using Pipeline.Engine.Publishing.Proof;
using Pipeline.Engine.Publishing.Reading;

namespace Pipeline.Engine.Verifying;

/// <summary>The signature of SHA256SUMS, in both its forms. Without a key the two are compared, which finds damage and no forgery.</summary>
internal static class SignatureCheck
{
    private const int LimitBytes = 4096;

    public static async Task<Verdict> RunAsync(JoinedFiles files, byte[] sums, VerificationKey? key, DiagnosticBag bag, CancellationToken ct)
    {
        var signature = await ReleaseVerifier.ReadAsync(files, ReleaseDocuments.Signature, LimitBytes, bag, ct);
        var bundle = await ReleaseVerifier.ReadAsync(files, ReleaseDocuments.SignatureBundle, SigstoreBundle.LimitBytes, bag, ct);
        if (signature is null && bundle is null)
        {
            if (key is not null)
                bag.Add(VerifyRules.NotSigned, null, files.Location, key.Id[..12]);
            return key is null ? Verdict.Absent : Verdict.Wrong;
        }
        var found = bag.Count;
        var inBundle = bundle is null ? null : SigstoreBundle.ReadMessage(bundle);
        if (bundle is not null && (inBundle is not { } read || !read.Sha256.AsSpan().SequenceEqual(SHA256.HashData(sums)) || (signature is not null && !read.Signature.AsSpan().SequenceEqual(signature))))
            bag.Add(VerifyRules.BundleDiffers, null, ReleaseDocuments.SignatureBundle);
        if (key is null)
        {
            bag.Add(VerifyRules.KeyUnknown, null);
            return bag.HasErrors ? Verdict.Wrong : Verdict.Unchecked;
        }
        if (signature is not null && !key.Verifies(sums, signature))
            bag.Add(VerifyRules.WrongSignature, null, ReleaseDocuments.Signature, key.Id[..12]);
        if (inBundle is { } other && !key.Verifies(sums, other.Signature))
            bag.Add(VerifyRules.WrongSignature, null, ReleaseDocuments.SignatureBundle, key.Id[..12]);
        return bag.Count == found ? Verdict.Right : Verdict.Wrong;
    }
}
