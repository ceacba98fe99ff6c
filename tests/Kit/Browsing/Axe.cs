using Microsoft.Playwright;

namespace Pipeline.Kit;

/// <summary>Deque's axe-core, put into the page under test: all rules of WCAG 2.0 to 2.2, levels A and AA, and its best practices.</summary>
public static class Axe
{
    private const string Run = """
        async () => {
          const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
          const { violations, passes } = await axe.run(document, { runOnly: { type: 'tag', values: tags } });
          if (passes.length < 10) return [`axe looked at nothing: ${passes.length} rules passed`];
          return violations.flatMap(v => v.nodes.map(n => `${v.id}: ${v.help}: ${n.target.join(' ')}: ${n.failureSummary.replace(/\s+/g, ' ')}`));
        }
        """;

    private static readonly Lazy<string> Source = new(() => File.ReadAllText(Npm.File("axe-core", "axe.min.js")));

    /// <summary>What it complains of, a line for each element.</summary>
    public static async Task<string[]> JudgeAsync(IPage page)
    {
        await page.EvaluateAsync(Source.Value);
        return await page.EvaluateAsync<string[]>(Run);
    }
}
