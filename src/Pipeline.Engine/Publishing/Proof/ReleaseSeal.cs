using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Publishing.Proof;

/// <summary>
/// Makes the last documents of a release: the provenance of every file, the checksums of everything, and where there is a
/// key the signatures of both. The same release and key give the same bytes.
/// </summary>
public sealed class ReleaseSeal
{
    private readonly Func<CancellationToken, Task<Result<SigningKey?>>> _findKey;
    private readonly bool _hasProvenance;

    private ReleaseSeal(bool hasProvenance, Func<CancellationToken, Task<Result<SigningKey?>>> findKey) => (_hasProvenance, _findKey) = (hasProvenance, findKey);

    /// <summary>Checksums and nothing else.</summary>
    public static ReleaseSeal Plain { get; } = new(false, _ => Task.FromResult(new Result<SigningKey?>(null, [])));

    /// <param name="findKey">Null is no key: then nothing is signed. Asked before building and before releasing.</param>
    public static ReleaseSeal With(Func<CancellationToken, Task<Result<SigningKey?>>> findKey) => new(true, findKey);

    public Task<Result<SigningKey?>> FindKeyAsync(CancellationToken ct) => _findKey(ct);

    /// <returns>The documents of <paramref name="contents"/> and those made here.</returns>
    public async Task<Result<ImmutableArray<ReleaseDocument>>> CloseAsync(ReleaseContents contents, CancellationToken ct)
    {
        var found = await _findKey(ct);
        if (!found.IsOk)
            return Result<ImmutableArray<ReleaseDocument>>.Failed(found.Diagnostics);
        var key = found.Value;
        if (_hasProvenance)
            contents = contents.With(new ReleaseDocument(ReleaseDocuments.Provenance(contents.Record.Image), Provenance(contents, key)));
        var sums = Sha256Sums.Write([.. contents.Record.Files.Select(f => (f.Name, f.Sha256)), .. contents.Documents.Select(d => (d.Name, d.Sha256))]);
        contents = contents.With(new ReleaseDocument(ReleaseDocuments.Checksums, sums));
        if (key is null)
            return contents.Documents;
        var signature = key.Sign(sums);
        return contents.With(
            new(ReleaseDocuments.Signature, signature),
            new(ReleaseDocuments.SignatureBundle, SigstoreBundle.OfMessage(sums, signature, key.Public))).Documents;
    }

    private static byte[] Provenance(ReleaseContents contents, SigningKey? key)
    {
        var statements = Statement.Of(contents.Record, [.. contents.Documents.Select(d => (d.Name, d.Sha256))]);
        return DsseEnvelope.WriteLines(statements.Select(s => DsseEnvelope.Create(s, key)));
    }
}
