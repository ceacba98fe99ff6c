using System.Collections.Immutable;
using Pipeline.Core.Streams;

namespace Pipeline.Engine.Publishing.Reading;

/// <summary>Several streams one behind the other, each opened when the one before it is over.</summary>
internal sealed class PartsStream(ImmutableArray<string> names, Func<string, Task<Stream>> open) : AsyncReadingStream
{
    private Stream? _current;
    private int _next;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (_current is not null && await _current.ReadAsync(buffer, cancellationToken) is > 0 and var count)
                return count;
            if (_current is not null)
                await _current.DisposeAsync();
            _current = null;
            if (_next == names.Length)
                return 0;
            _current = await open(names[_next++]);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _current?.Dispose();
        base.Dispose(disposing);
    }
}
