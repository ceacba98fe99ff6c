using Shouldly;
using Xunit;

namespace Pipeline.Engine.Git;

public sealed class GitCommandTests
{
    private const string Advice = "fatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\nand the repository exists.\n";

    [Theory]
    [InlineData("", "")]
    [InlineData("warning: slow\nerror: it is so\n", "it is so")]
    [InlineData("fatal: not a git repository (or any of the parent directories): .git\n", "not a git repository (or any of the parent directories): .git")]
    [InlineData("fatal: '/srv/gone' does not appear to be a git repository\n" + Advice, "'/srv/gone' does not appear to be a git repository")]
    [InlineData("ssh: connect to host git.example port 22: Connection refused\n" + Advice, "ssh: connect to host git.example port 22: Connection refused")]
    [InlineData(Advice, "Could not read from remote repository.")]
    [InlineData("remote: Not Found\nfatal: repository 'https://git.example/x/' not found\n", "repository 'https://git.example/x/' not found")]
    [InlineData("error: RPC failed; curl 56 reset\nfatal: early EOF\nfatal: fetch-pack: invalid index-pack output\n", "early EOF")]
    public void What_git_gives_up_with_is_told(string complaints, string expected) => GitCommand.Complaint(complaints).ShouldBe(expected);
}
