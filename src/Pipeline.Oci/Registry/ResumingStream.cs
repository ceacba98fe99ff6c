using System.Net;
using Pipeline.Core.Streams;
using Pipeline.Core.Units;

namespace Pipeline.Oci.Registry;

/// <summary>
/// A blob from a registry that goes on where it broke. Each new start asks the registry anew, as the signed address of a
/// content network ends after a while. Gives exactly the promised number of bytes, not hashed.
/// </summary>
/// <param name="open">Asks for the blob from a byte on.</param>
internal sealed class ResumingStream(
    Func<long, CancellationToken, Task<HttpResponseMessage>> open, Digest digest, long sizeBytes, RetryPolicy retry) : AsyncReadingStream
{
    private const int MaxFruitlessStarts = 4;
    private const long ProgressBytes = 1 << 20;
    private static readonly TimeSpan StallLimit = TimeSpan.FromSeconds(60);
    private HttpResponseMessage? _response;
    private Stream? _body;
    private long _position;
    private long _lastStart;
    private int _fruitlessStarts;
    private CancellationToken _whole;

    /// <summary>Asks for the first byte, so that a refusal shows before anything is read.</summary>
    /// <param name="ct">Also ends readings that take no token of their own.</param>
    public async Task StartAsync(CancellationToken ct)
    {
        _whole = ct;
        while (_body is null)
        {
            try
            {
                await OpenAsync(ct);
            }
            catch (Exception e) when (MayPass(e))
            {
                await RestAsync(e, ct);
            }
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var ct = cancellationToken.CanBeCanceled ? cancellationToken : _whole;
        while (true)
        {
            try
            {
                if (_body is null)
                    await OpenAsync(ct);
                return await ReadSomeAsync(buffer, ct);
            }
            catch (RegistryException e)
            {
                throw new HttpRequestException(e.Message, e);
            }
            catch (Exception e) when (MayPass(e))
            {
                await RestAsync(e, ct);
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Drop();
        base.Dispose(disposing);
    }

    /// <summary>The connection broke, or the registry went away: what was sent before counts, so it is worth more patience than a question is.</summary>
    private static bool MayPass(Exception e) => e is IOException || (e is HttpRequestException request && RetryPolicy.IsPassing(request));

    private async Task<int> ReadSomeAsync(Memory<byte> buffer, CancellationToken ct)
    {
        if (_position == sizeBytes)
            return await EndAsync(ct);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(StallLimit);
        try
        {
            var count = await _body!.ReadAsync(buffer[..(int)Math.Min(buffer.Length, sizeBytes - _position)], limit.Token);
            _position += count;
            return count > 0 || buffer.IsEmpty ? count : throw new IOException($"the connection ended after {_position} of {sizeBytes} bytes");
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new IOException($"nothing arrived for {StallLimit.TotalSeconds} s");
        }
    }

    private async Task<int> EndAsync(CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(StallLimit);
        try
        {
            if (await _body!.ReadAsync(new byte[1], limit.Token) > 0)
                throw new InvalidDataException($"the blob {digest} is longer than the {sizeBytes} bytes that its descriptor says");
        }
        catch (Exception e) when (e is IOException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            // All that was promised is here; how the connection ended does not matter.
        }
        return 0;
    }

    private async Task OpenAsync(CancellationToken ct)
    {
        _response = await open(_position, ct);
        _lastStart = _position;
        _body = await _response.Content.ReadAsStreamAsync(ct);
        if (_position == 0 && _response.Content.Headers.ContentLength is { } length && length != sizeBytes)
            throw new InvalidDataException($"the blob {digest} has {length} bytes, but its descriptor says {sizeBytes}");
        if (_response.StatusCode == HttpStatusCode.PartialContent)
        {
            if (_response.Content.Headers.ContentRange?.From != _position)
                throw new IOException("the registry sent another range than the one asked for");
        }
        else
        {
            await SkipAsync(_position, ct);
        }
    }

    /// <summary>A server that knows no ranges begins again; what we have is read past.</summary>
    private async Task SkipAsync(long count, CancellationToken ct)
    {
        var buffer = new byte[64 << 10];
        while (count > 0)
        {
            var read = await _body!.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, count)), ct);
            count -= read > 0 ? read : throw new IOException("the connection ended before the place where it broke the last time");
        }
    }

    /// <summary>Before a new start: starts that bring little are counted, and there are only so many.</summary>
    private async Task RestAsync(Exception cause, CancellationToken ct)
    {
        Drop();
        _fruitlessStarts = _position - _lastStart >= ProgressBytes ? 1 : _fruitlessStarts + 1;
        _lastStart = _position;
        if (_fruitlessStarts > MaxFruitlessStarts)
            throw new HttpRequestException($"the blob {digest} broke off at byte {_position} of {sizeBytes} again and again: {cause.Message}", cause);
        await retry.WaitAsync(RetryPolicy.Backoff(_fruitlessStarts), $"the blob {digest.Short}… broke off at byte {_position} of {sizeBytes}", ct);
    }

    private void Drop()
    {
        _body?.Dispose();
        _response?.Dispose();
        (_body, _response) = (null, null);
    }
}
