using Shouldly;
using Xunit;

namespace Pipeline.Engine.Reconciling.Shares;

public sealed class ShareTests
{
    [Theory]
    [InlineData("0/3", "", "0/3")]
    [InlineData("2/3", "", "2/3")]
    [InlineData("0/1", "SLURM_ARRAY_TASK_ID=4 SLURM_ARRAY_TASK_COUNT=5", "0/1")]
    [InlineData("auto", "PIPELINE_SHARE=1/4", "1/4")]
    [InlineData("auto", "SLURM_ARRAY_TASK_ID=0 SLURM_ARRAY_TASK_COUNT=3 SLURM_ARRAY_TASK_MIN=0", "0/3")]
    [InlineData("auto", "SLURM_ARRAY_TASK_ID=3 SLURM_ARRAY_TASK_COUNT=3 SLURM_ARRAY_TASK_MIN=1", "2/3")]
    [InlineData("auto", "SLURM_ARRAY_TASK_ID=20 SLURM_ARRAY_TASK_COUNT=3 SLURM_ARRAY_TASK_MIN=10 SLURM_ARRAY_TASK_STEP=5", "2/3")]
    [InlineData("auto", "JOB_COMPLETION_INDEX=7 JOB_COMPLETIONS=8", "7/8")]
    public void Shares_that_are_understood(string text, string variables, string expected)
    {
        Share.TryParse(text, Variables(variables), out var share, out var problem).ShouldBeTrue(problem);
        share!.ToString().ShouldBe(expected);
    }

    [Theory]
    [InlineData("3/3", "")]
    [InlineData("-1/3", "")]
    [InlineData("1", "")]
    [InlineData("1/0", "")]
    [InlineData("1/3/4", "")]
    [InlineData("0/10001", "")]
    [InlineData("one/two", "")]
    [InlineData("auto", "")]
    [InlineData("auto", "PIPELINE_SHARE=3/3")]
    [InlineData("auto", "JOB_COMPLETION_INDEX=0")]
    [InlineData("auto", "JOB_COMPLETION_INDEX=8 JOB_COMPLETIONS=8")]
    [InlineData("auto", "SLURM_ARRAY_TASK_ID=3")]
    [InlineData("auto", "SLURM_ARRAY_TASK_ID=0 SLURM_ARRAY_TASK_COUNT=3 SLURM_ARRAY_TASK_MIN=1")]
    public void Others_are_refused(string text, string variables)
    {
        Share.TryParse(text, Variables(variables), out _, out var problem).ShouldBeFalse();
        problem.ShouldStartWith(variables.StartsWith("PIPELINE_SHARE", StringComparison.Ordinal) ? "PIPELINE_SHARE: '3/3' is no share" : text == "auto" ? "no scheduler says" : $"'{text}' is no share");
    }

    private static Func<string, string?> Variables(string text)
    {
        var set = text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(v => v.Split('=', 2)).ToDictionary(v => v[0], v => v[1], StringComparer.Ordinal);
        return name => set.GetValueOrDefault(name);
    }
}
