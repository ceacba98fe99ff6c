using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing;
using Pipeline.Engine.Publishing.Proof;
using Pipeline.Engine.Publishing.Reading;

namespace Pipeline.Engine.Verifying;

/// <summary>What the provenance came to.</summary>
/// <param name="Files">Of each listed file; all are absent where there is no provenance.</param>
internal sealed record ProvenanceOutcome(Verdict Envelopes, ImmutableArray<BuildStatement> Builds, ImmutableDictionary<string, Verdict> Files)
{
    public static ProvenanceOutcome None { get; } = new(Verdict.Absent, [], ImmutableDictionary<string, Verdict>.Empty);

    public Verdict Of(string name) => Files.GetValueOrDefault(name, Verdict.Absent);
}

/// <summary>The statements of a release: their signatures, their form, and whether they are about these very files and inputs.</summary>
internal sealed class ProvenanceCheck(ImmutableSortedDictionary<string, Digest> sums, VerifyRequest request, DiagnosticBag bag)
{
    public async Task<ProvenanceOutcome> RunAsync(JoinedFiles files, ReleaseRecord? record, CancellationToken ct)
    {
        var names = files.Sizes.Keys.Where(ReleaseDocuments.IsProvenance).ToList();
        if (names.Count == 0)
        {
            bag.Add(VerifyRules.NoProvenance, null, files.Location);
            return ProvenanceOutcome.None;
        }
        var builds = ImmutableArray.CreateBuilder<BuildStatement>();
        var isSigned = names.Count > 0;
        foreach (var name in names)
        {
            if (await ReadAsync(files, name, ct) is not { } envelopes)
                return new(Verdict.Wrong, [], ImmutableDictionary<string, Verdict>.Empty);
            foreach (var (index, envelope) in envelopes.Index())
            {
                isSigned &= !envelope.Signatures.IsEmpty;
                CheckSignature(envelope, index + 1, name);
                if (Read(envelope, index + 1, name) is { } build)
                    builds.Add(build);
            }
        }
        foreach (var build in builds)
            CheckRecord(build, record, names[0]);
        return new(Envelopes(isSigned), builds.ToImmutable(), CheckSubjects(builds));
    }

    private async Task<ImmutableArray<DsseEnvelope>?> ReadAsync(JoinedFiles files, string name, CancellationToken ct)
    {
        if (await ReleaseVerifier.ReadAsync(files, name, DsseEnvelope.LimitBytes, bag, ct) is not { } file)
            return null;
        var (envelopes, problem) = DsseEnvelope.ReadLines(file);
        if (envelopes is null)
            bag.Add(VerifyRules.BadDocument, null, name, problem);
        return envelopes;
    }

    private void CheckSignature(DsseEnvelope envelope, int number, string file)
    {
        if (request.Key is { } key && !envelope.Signatures.Any(s => key.Verifies(envelope.SignedBytes(), s.Signature.Span)))
            bag.Add(VerifyRules.StatementUnsigned, null, number, file, key.Id[..12]);
    }

    private Verdict Envelopes(bool isSigned) =>
        request.Key is null ? (isSigned ? Verdict.Unchecked : Verdict.Absent)
        : bag.ToImmutable().Any(d => d.Rule == VerifyRules.StatementUnsigned) ? Verdict.Wrong
        : Verdict.Right;

    private BuildStatement? Read(DsseEnvelope envelope, int number, string file)
    {
        var (build, problem) = BuildStatement.Read(envelope);
        if (build is null)
            bag.Add(VerifyRules.BadStatement, null, number, file, problem);
        return build;
    }

    /// <summary>A statement about a target holds the inputs and files that the record has of it, and every target has one.</summary>
    private void CheckRecord(BuildStatement build, ReleaseRecord? record, string file)
    {
        if (record is null)
            return;
        if (build.Parameters.GetValueOrDefault("image") != record.Image)
            bag.Add(VerifyRules.RecordDiffers, null, file, "the image's name");
        if (build.TargetId is not { } id)
            return;
        if (record.Targets.GetValueOrDefault(id) is not { } target)
        {
            bag.Add(VerifyRules.RecordDiffers, null, file, id);
            return;
        }
        foreach (var reason in Planner.Differences(target.Inputs.Deciding, build.Inputs ?? ImmutableSortedDictionary<string, string>.Empty))
            bag.Add(VerifyRules.RecordDiffers, null, file, $"{reason.Input} of {id}");
        if (!target.Files.ToImmutableSortedDictionary(f => f.Name, f => f.Sha256, StringComparer.Ordinal).SequenceEqual(build.Subjects))
            bag.Add(VerifyRules.RecordDiffers, null, file, $"the files of {id}");
    }

    /// <summary>Every listed file but the provenance itself is a subject, with the same digest; and no subject is unknown.</summary>
    private ImmutableDictionary<string, Verdict> CheckSubjects(IReadOnlyCollection<BuildStatement> builds)
    {
        var said = builds.SelectMany(b => b.Subjects).ToLookup(s => s.Key, s => s.Value, StringComparer.Ordinal);
        var verdicts = ImmutableDictionary.CreateBuilder<string, Verdict>(StringComparer.Ordinal);
        foreach (var (name, digest) in sums.Where(s => !ReleaseDocuments.IsProvenance(s.Key)))
        {
            var wrong = said[name].FirstOrDefault(d => d != digest);
            verdicts[name] = said[name].Any() && wrong is null ? Verdict.Right : Verdict.Wrong;
            if (!said[name].Any())
                bag.Add(VerifyRules.SubjectDiffers, null, name, "no statement is about it", digest);
            else if (wrong is not null)
                bag.Add(VerifyRules.SubjectDiffers, null, name, wrong, digest);
        }
        foreach (var unknown in said.Where(s => !sums.ContainsKey(s.Key)))
            bag.Add(VerifyRules.SubjectDiffers, null, unknown.Key, unknown.First(), "it is not listed");
        return verdicts.ToImmutable();
    }
}
