using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Publishing.Proof;

namespace Pipeline.Kit;

/// <summary>Releases of an image 'kiosk' with two boards in a directory, with provenance, signed where a key is given.</summary>
public sealed class SignedRelease : IDisposable
{
    public Factory Factory { get; } = new();

    /// <summary>Of the newest release.</summary>
    public string Directory { get; private set; } = "";

    public string this[string name] => Path.Combine(Directory, name);

    public static async Task<SignedRelease> MakeAsync(SigningKey? key, CancellationToken ct)
    {
        var made = new SignedRelease();
        made.Factory.Seal = ReleaseSeal.With(_ => Task.FromResult(new Result<SigningKey?>(key, [])));
        await made.NextAsync("v1", ct);
        return made;
    }

    /// <summary>One more release; each file of it is a link of its own, which a test may damage.</summary>
    public async Task NextAsync(string revision, CancellationToken ct)
    {
        Factory.Sources.Push("base:1", revision, revision);
        var outcome = await Factory.Reconciler().RunOnceAsync(SampleImages.Workspace(SampleImages.Image("kiosk", "base:1", "pc", "pi")), ct);
        Directory = outcome.Images[0].Release!.Location;
    }

    public void Dispose() => Factory.Dispose();
}
