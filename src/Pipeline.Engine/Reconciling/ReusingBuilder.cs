using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Building;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing;

namespace Pipeline.Engine.Reconciling;

/// <summary>
/// Takes what was built from the same inputs before, and has the rest built. Files are copied and hashed, not linked:
/// somebody may boot the ones in a directory, which changes them, and a release never changes.
/// </summary>
public sealed class ReusingBuilder(IBuiltImages shelf, IImageBuilder builder) : IImageBuilder
{
    public async Task<ImmutableArray<Result<Artifact>>> BuildAsync(
        ImmutableArray<Target> targetsOfOneSource, BuildContext context, CancellationToken ct)
    {
        var taken = new Dictionary<string, Result<Artifact>>(StringComparer.Ordinal);
        foreach (var target in targetsOfOneSource)
        {
            if (await shelf.FindAsync(target, ct) is { } built && await TakeAsync(target, built, context, ct) is { } artifact)
                taken[target.Id] = artifact;
        }
        var rest = targetsOfOneSource.Where(t => !taken.ContainsKey(t.Id)).ToImmutableArray();
        if (!rest.IsEmpty)
        {
            foreach (var (target, result) in rest.Zip(await builder.BuildAsync(rest, context, ct)))
                taken[target.Id] = result;
        }
        return [.. targetsOfOneSource.Select(t => taken[t.Id])];
    }

    /// <summary>Null where a file is not what the record says.</summary>
    private async Task<Artifact?> TakeAsync(Target target, PublishedTarget built, BuildContext context, CancellationToken ct)
    {
        var files = ImmutableArray.CreateBuilder<ArtifactFile>();
        foreach (var file in built.Files.Where(f => ReleaseNames.IsValid(f.Name)))
        {
            var to = Path.Combine(context.OutputDirectory, file.Name);
            try
            {
                await shelf.CopyAsync(target.Image.Name, file, to, ct);
            }
            catch (Exception e) when (e is InvalidDataException or FileNotFoundException)
            {
                context.Reporter.Announce($"{file.Name} is no longer what was built; {target.Id} is built again");
                foreach (var half in files.Select(f => f.Path).Append(to))
                    File.Delete(half);
                return null;
            }
            files.Add(new(to, file.Name, file.Size, file.Sha256) { Unpacked = file.Unpacked });
        }
        context.Reporter.Announce($"{target.Id} was built from the same inputs before; its files are taken");
        return new(target, files.ToImmutable(), []) { Inventory = await shelf.ReadInventoryAsync(target.Image.Name, built, ct) };
    }
}
