using Pipeline.Core.Reporting;

namespace Pipeline.Cli.Reporting;

/// <summary>A reporter that shares the screen with the results.</summary>
internal interface ITeller : IReporter, IDisposable
{
    /// <summary>Takes away what moves on the screen, until something begins again. Called before results are printed.</summary>
    void Settle();
}
