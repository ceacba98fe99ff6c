using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Pipeline.Engine.Reconciling;

namespace Pipeline.Cli;

/// <summary>Sends spans by OTLP, where the environment says where to (the variables of the OpenTelemetry specification).</summary>
internal static class Traces
{
    private static readonly string[] Endpoints = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

    public static bool AreWanted { get; } =
        Environment.GetEnvironmentVariable("OTEL_SDK_DISABLED") != "true" && Endpoints.Any(e => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(e)));

    /// <summary>Null where nobody wants them. Disposing sends what is left.</summary>
    public static IDisposable? Begin() => AreWanted ? Open() : null;

    /// <summary>By itself, so that the packages are loaded only where they are needed.</summary>
    private static TracerProvider Open() => Sdk.CreateTracerProviderBuilder()
        .ConfigureResource(r => r.AddService(Environment.GetEnvironmentVariable("OTEL_SERVICE_NAME") ?? "pipeline", autoGenerateServiceInstanceId: false))
        .AddSource(Tracing.SourceName)
        .AddOtlpExporter()
        .Build();
}
