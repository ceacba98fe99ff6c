using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Building;
using Pipeline.Engine.Planning;

namespace Pipeline.Engine.Reconciling.Shares;

/// <summary>Builds nothing: stands behind <see cref="ReusingBuilder"/> where only what was staged shall be released.</summary>
public sealed class StagedOnly : IImageBuilder
{
    public Task<ImmutableArray<Result<Artifact>>> BuildAsync(ImmutableArray<Target> targetsOfOneSource, BuildContext context, CancellationToken ct) =>
        Task.FromResult<ImmutableArray<Result<Artifact>>>(
            [.. targetsOfOneSource.Select(t => Result<Artifact>.Failed(Diagnostic.Create(ShareRules.NotStaged, t.Image.Span, t.Id)))]);
}
