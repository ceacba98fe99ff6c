using System.Collections.Immutable;
using System.Text.Json;
using Pipeline.Engine.Planning;

namespace Pipeline.Cli.Reporting;

/// <summary>One target of a plan, as it is shown.</summary>
internal sealed record PlanRow(string Image, string Board, string Output, TargetState State, ImmutableArray<string> Because);

/// <summary>A manifest elsewhere that has moved on from where pipeline.lock pins it.</summary>
internal sealed record BehindRow(string Name, string Pinned, string Newest);

/// <summary>
/// A plan without what made it. It is read from what <c>plan --json</c> printed somewhere else, perhaps by somebody who may
/// not be trusted: all of it is text to be escaped, and there is a limit to everything.
/// </summary>
/// <param name="Rows">In order of id.</param>
internal sealed record PlanSummary(ImmutableArray<PlanRow> Rows, ImmutableArray<string> InvalidImages, ImmutableArray<string> Retired)
{
    public const int MaxBytes = 16 << 20;
    private const int MaxRows = 20_000;
    private const int MaxReasons = 50;
    private const int ShownDigits = 10;

    public ImmutableArray<BehindRow> Behind { get; init; } = [];

    public static PlanSummary Of(BuildPlan plan) => new(
        [.. plan.Steps.Select(s => new PlanRow(s.Target.Image.Name, s.Target.Board.Name, PlanText.OutputOf(s), s.State, [.. PlanText.Because(s)]))],
        plan.InvalidImages, plan.Retired);

    /// <summary>What <c>plan --json</c> printed; objects of other types are passed over.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static PlanSummary Parse(string lines)
    {
        var (rows, invalid, retired) = (ImmutableArray.CreateBuilder<PlanRow>(), ImmutableArray.CreateBuilder<string>(), ImmutableArray.CreateBuilder<string>());
        var behind = ImmutableArray.CreateBuilder<BehindRow>();
        var isWhole = false;
        foreach (var line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Take(MaxRows))
        {
            try
            {
                using var document = JsonDocument.Parse(line, new() { MaxDepth = 8 });
                var json = document.RootElement;
                switch (json.GetProperty("type").GetString())
                {
                    case "target": rows.Add(Row(json)); break;
                    case "invalidImage": invalid.Add(Text(json, "image")); break;
                    case "retired": retired.Add(Text(json, "id")); break;
                    case "behind": behind.Add(new(Text(json, "name"), Short(json, "pinned"), Short(json, "newest"))); break;
                    case "plan": isWhole = true; break;
                }
            }
            catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
            {
                throw new FormatException("it is not what 'pipeline plan --json' prints", e);
            }
        }
        return isWhole ? new(rows.ToImmutable(), invalid.ToImmutable(), retired.ToImmutable()) { Behind = behind.ToImmutable() } : throw new FormatException("the plan in it has no end");
    }

    private static PlanRow Row(JsonElement json)
    {
        if (!Enum.TryParse<TargetState>(Text(json, "state"), ignoreCase: true, out var state) || !Enum.IsDefined(state))
            throw new FormatException($"it has a target in the state '{Text(json, "state")}'");
        return new(Text(json, "image"), Text(json, "board"), Text(json, "output"), state, [.. json.GetProperty("because").EnumerateArray().Take(MaxReasons).Select(Because)]);
    }

    private static string Because(JsonElement json) =>
        Enum.TryParse<ReasonKind>(Text(json, "kind"), ignoreCase: true, out var kind)
            ? (new Reason(json.GetProperty("input").GetString() ?? Words(kind), json.GetProperty("old").GetString(), json.GetProperty("new").GetString()) { Kind = kind }).ToString()
            : "a reason that this version does not know";

    private static string Words(ReasonKind kind) => kind == ReasonKind.Forced ? Reason.Forced.Input : Reason.NeverPublished.Input;

    /// <summary>The digits of a commit or digest that people compare.</summary>
    private static string Short(JsonElement json, string name)
    {
        var text = Text(json, name);
        var digits = text[(text.IndexOf(':', StringComparison.Ordinal) + 1)..];
        return digits[..Math.Min(ShownDigits, digits.Length)];
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString() ?? "";
}
