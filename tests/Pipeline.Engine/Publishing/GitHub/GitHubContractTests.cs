using System.Collections.Immutable;
using Pipeline.Kit;
using Shouldly;

namespace Pipeline.Engine.Publishing.GitHub;

/// <summary>The contract on a fake GitHub whose every request and answer is judged by GitHub's own description.</summary>
public sealed class GitHubContractTests : ReleaseHostContract
{
    private readonly FakeGitHub _fake = FakeGitHub.Start();

    protected override IReleaseHost Open() => new GitHubHosts(_fake, Factory.Temp["cache"]) { Time = Factory.Clock }.Open();

    protected override Task<ImmutableArray<string>> VersionsAsync(string image)
    {
        lock (_fake.State.Lock)
        {
            return Task.FromResult<ImmutableArray<string>>([.. _fake.State.Published.Select(r => r.Tag).Where(t => ReleaseTag.TryParse(t)?.Image == image)
                .Select(t => t[(image.Length + 1)..]).OrderDescending(StringComparer.Ordinal)]);
        }
    }

    protected override Task<SortedDictionary<string, byte[]>> FilesAsync(string image, string version)
    {
        lock (_fake.State.Lock)
        {
            var release = _fake.State.Published.Single(r => r.Tag == $"{image}-{version}");
            release.Assets.ShouldAllBe(a => a.State == "uploaded");
            return Task.FromResult(new SortedDictionary<string, byte[]>(release.Assets.ToDictionary(a => a.Name, a => a.Content), StringComparer.Ordinal));
        }
    }

    protected override Task LoseAsync(string image, string version, string file)
    {
        _fake.State.Published.Single(r => r.Tag == $"{image}-{version}").Assets.RemoveAll(a => a.Name == file);
        return Task.CompletedTask;
    }

    public override void Dispose()
    {
        _fake.Complaints.ShouldBeEmpty();
        _fake.DisposeAsync().AsTask().GetAwaiter().GetResult();
        base.Dispose();
    }
}
