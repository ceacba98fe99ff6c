using Shouldly;
using Xunit;

namespace Pipeline.Cli.Reporting;

public sealed class MatrixShapeTests
{
    [Theory]
    [InlineData("1", null, 1)]
    [InlineData("256", null, 256)]
    [InlineData("257", 2, 257)]
    [InlineData("600", 3, 600)]
    [InlineData("10000", 40, 10_000)]
    [InlineData("3x200", 3, 600)]
    [InlineData("1x5", 1, 5)]
    public void Shapes_that_are_understood(string text, int? shards, int jobs)
    {
        MatrixShape.TryParse(text, out var shape).ShouldBeTrue();
        shape.ShouldBe(new(shards, jobs));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("10001")]
    [InlineData("0x3")]
    [InlineData("3x0")]
    [InlineData("3x257")]
    [InlineData("200x200")]
    [InlineData("3x4x5")]
    [InlineData("many")]
    public void Others_are_refused(string text) => MatrixShape.TryParse(text, out _).ShouldBeFalse();
}
