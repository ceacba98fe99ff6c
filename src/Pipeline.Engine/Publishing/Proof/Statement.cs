using System.Collections.Immutable;
using System.Text.Json;
using Pipeline.Core.Json;
using Pipeline.Core.Units;
using Pipeline.Engine.Planning;

namespace Pipeline.Engine.Publishing.Proof;

/// <summary>
/// In-toto statements v1 with SLSA provenance v1: one for each target, about its files, and one about the documents of the
/// release. A pure function of the record, so that also what is carried over keeps what was said when it was built.
/// docs/provenance.md describes the build type.
/// </summary>
public static class Statement
{
    public const string Type = "https://in-toto.io/Statement/v1";
    public const string PredicateType = "https://slsa.dev/provenance/v1";

    /// <summary>Raised when the parameters change their meaning.</summary>
    public const string BuildType = "urn:pipeline:disk-image:v1";

    /// <summary>Who built, where nobody says more: some machine of somebody.</summary>
    public const string LocalBuilder = "urn:pipeline:builder:local";

    /// <param name="documents">Of the release, by name.</param>
    public static IEnumerable<byte[]> Of(ReleaseRecord record, ImmutableArray<(string Name, Digest Sha256)> documents) =>
        [.. record.Targets.Values.Select(t => OfTarget(record, t)), OfDocuments(record, documents)];

    private static byte[] OfTarget(ReleaseRecord record, PublishedTarget target) => Write(
        target.Files.Select(f => (f.Name, f.Sha256)),
        json =>
        {
            WriteParameters(json, record.Image, target);
            WriteInternals(json, target.Inputs);
            json.WriteStartArray("resolvedDependencies");
            foreach (var dependency in Dependency.Of(target.Inputs))
                dependency.Write(json);
            json.WriteEndArray();
        },
        target.Inputs.Observed);

    private static byte[] OfDocuments(ReleaseRecord record, ImmutableArray<(string Name, Digest Sha256)> documents)
    {
        // Whoever built in this run put the release together; where all is carried over it was somebody who says nothing.
        var observed = record.Targets.Values.FirstOrDefault(t => t.BuiltIn == record.Version)?.Inputs.Observed ?? ImmutableSortedDictionary<string, string>.Empty;
        return Write(
            documents.OrderBy(d => d.Name, StringComparer.Ordinal),
            json =>
            {
                json.WriteStartObject("externalParameters");
                json.WriteString("image", record.Image);
                json.WriteString("release", record.Version);
                WriteRepository(json, observed.GetValueOrDefault(InputNames.GitRepository), record.Commit);
                json.WriteEndObject();
                json.WriteStartArray("resolvedDependencies");
                foreach (var file in record.Files)
                    new Dependency(file.Name, null, "sha256", file.Sha256.Hex).Write(json);
                json.WriteEndArray();
            },
            observed);
    }

    private static byte[] Write(IEnumerable<(string Name, Digest Sha256)> subjects, Action<Utf8JsonWriter> definition, ImmutableSortedDictionary<string, string> observed)
    {
        return JsonForm.Line(json =>
        {
            json.WriteString("_type", Type);
            json.WriteStartArray("subject");
            foreach (var (name, sha256) in subjects)
                new Dependency(name, null, "sha256", sha256.Hex).Write(json);
            json.WriteEndArray();
            json.WriteString("predicateType", PredicateType);
            json.WriteStartObject("predicate");
            json.WriteStartObject("buildDefinition");
            json.WriteString("buildType", BuildType);
            definition(json);
            json.WriteEndObject();
            WriteRun(json, observed);
            json.WriteEndObject();
        });
    }

    private static void WriteParameters(Utf8JsonWriter json, string image, PublishedTarget target)
    {
        var words = target.Id.Split('/');
        json.WriteStartObject("externalParameters");
        json.WriteString("image", image);
        json.WriteString("board", words.ElementAtOrDefault(1) ?? "");
        json.WriteString("output", words.ElementAtOrDefault(2) ?? "");
        if (target.Inputs.Observed.TryGetValue(InputNames.SourceReference, out var source))
            json.WriteString("source", source);
        WriteRepository(json, target.Inputs.Observed.GetValueOrDefault(InputNames.GitRepository), target.Inputs.Observed.GetValueOrDefault(InputNames.GitCommit));
        json.WriteEndObject();
    }

    /// <param name="commit">With <c>+dirty</c> behind it where files differed from it.</param>
    private static void WriteRepository(Utf8JsonWriter json, string? repository, string? commit)
    {
        if (repository is not null)
            json.WriteString("repository", repository);
        if (commit is null)
            return;
        json.WriteString("commit", commit.Split('+')[0]);
        if (commit.Contains('+', StringComparison.Ordinal))
            json.WriteBoolean("uncommittedChanges", true);
    }

    private static void WriteInternals(Utf8JsonWriter json, BuildInputs inputs)
    {
        json.WriteStartObject("internalParameters");
        if (inputs.Observed.TryGetValue(InputNames.BuildEpoch, out var epoch) && epoch != InputNames.SourceEpoch)
            json.WriteString("sourceDateEpoch", epoch);
        json.WriteStartObject("inputs");
        foreach (var (name, value) in inputs.Deciding)
            json.WriteString(name, value);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteRun(Utf8JsonWriter json, ImmutableSortedDictionary<string, string> observed)
    {
        json.WriteStartObject("runDetails");
        json.WriteStartObject("builder");
        json.WriteString("id", observed.GetValueOrDefault(InputNames.Builder, LocalBuilder));
        json.WriteEndObject();
        var (run, started) = (observed.GetValueOrDefault(InputNames.BuildRun), observed.GetValueOrDefault(InputNames.BuildStarted));
        if (run is not null || started is not null)
        {
            json.WriteStartObject("metadata");
            if (run is not null)
                json.WriteString("invocationId", run);
            if (started is not null)
                json.WriteString("startedOn", started);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }
}
