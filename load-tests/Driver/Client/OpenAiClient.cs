using System.Buffers;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using StreamCore.LoadTests.Prompts;
using StreamCore.LoadTests.Scenarios;

namespace StreamCore.LoadTests.Client;

/// <summary>Sends requests to one server and notes what comes back, and when. Any number at a time, each on a connection of its own.</summary>
internal sealed class OpenAiClient : IDisposable
{
    private const int BufferBytes = 4096;

    private readonly HttpClient _http;
    private readonly Scenario _scenario;
    private readonly Uri _completions;

    public OpenAiClient(Uri server, string? key, Scenario scenario)
    {
        _http = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            ActivityHeadersPropagator = null,
            // Hanging up means at once, without reading what else comes.
            MaxResponseDrainSize = 0,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2),
        })
        { BaseAddress = server, Timeout = Timeout.InfiniteTimeSpan };
        if (key is not null) _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        _scenario = scenario;
        _completions = new Uri(server, scenario.Api == "chat" ? "/v1/chat/completions" : "/v1/completions");
    }

    /// <summary>For what is asked beside the requests that are measured.</summary>
    public HttpClient Http => _http;

    public required string Model { get; init; }

    public LiveCounts Live { get; } = new();

    /// <summary>The request as bytes, made beforehand so that it costs nothing at the time of sending.</summary>
    public ReadOnlyMemory<byte> Body(PlannedRequest request) => RequestBody.Write(request, Model, _scenario.Api == "chat", _scenario.IgnoreEos);

    /// <summary>Sends it now. Never throws: what goes wrong is in the record.</summary>
    public async Task<RequestRecord> SendAsync(PlannedRequest request, ReadOnlyMemory<byte> body, long intended)
    {
        var record = new RequestRecord { Intended = intended, Sent = Stopwatch.GetTimestamp() };
        Live.Begin();
        using var patience = new CancellationTokenSource(_scenario.Timeout);
        try
        {
            using var message = new HttpRequestMessage(HttpMethod.Post, _completions) { Content = new ReadOnlyMemoryContent(body) };
            // Some servers close a kept connection after a stream without saying so (llama.cpp's does), and what is sent on it meanwhile is lost.
            message.Headers.ConnectionClose = true;
            message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            if (!response.IsSuccessStatusCode) await ReadRefusalAsync(response, record, patience.Token);
            else if (request.Stream) await ReadStreamAsync(response, request, record, patience.Token);
            else await ReadWholeAsync(response, record, patience.Token);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or JsonException or OperationCanceledException)
        {
            record.Error ??= Kind(fault);
            record.Refusal ??= fault.GetBaseException().Message;
        }

        record.End = Stopwatch.GetTimestamp();
        Live.End(record);
        return record;
    }

    public void Dispose() => _http.Dispose();

    private static string Kind(Exception fault) => fault switch
    {
        OperationCanceledException => "timeout",
        JsonException => "not JSON",
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => "no connection",
        _ => "connection lost",
    };

    private async Task ReadStreamAsync(HttpResponseMessage response, PlannedRequest request, RequestRecord record, CancellationToken patience)
    {
        using var stream = await response.Content.ReadAsStreamAsync(patience);
        var events = new SseReader();
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            var finished = false;
            while (await stream.ReadAsync(buffer, patience) is > 0 and var count)
            {
                if (!TakeEvents(events, buffer.AsSpan(0, count), request, record, ref finished)) return;
            }

            if (!finished) record.Error ??= "cut short";
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>False when no more is to be read. All that came together counts as come at one moment.</summary>
    private bool TakeEvents(SseReader events, ReadOnlySpan<byte> bytes, PlannedRequest request, RequestRecord record, ref bool finished)
    {
        var now = Stopwatch.GetTimestamp();
        while (events.TryRead(ref bytes, out var data))
        {
            if (data.SequenceEqual("[DONE]"u8)) continue;
            var facts = AnswerFacts.Read(data);
            finished |= facts.Finished;
            if (facts.Error is not null) record.Error = "error event";
            if (facts.PromptTokens >= 0) record.PromptTokens = facts.PromptTokens;
            if (facts.CompletionTokens >= 0) record.CompletionTokens = facts.CompletionTokens;
            if (!facts.HasText) continue;
            record.Arrivals.Add(now);
            Live.Token();
            if (record.Arrivals.Count != request.AbortAfter) continue;
            record.Aborted = true;
            record.CompletionTokens = record.Arrivals.Count;
            return false;
        }

        return true;
    }

    private static async Task ReadRefusalAsync(HttpResponseMessage response, RequestRecord record, CancellationToken patience)
    {
        record.Error = $"status {(int)response.StatusCode}";
        var body = await response.Content.ReadAsByteArrayAsync(patience);
        if (response.Content.Headers.ContentType?.MediaType == "application/json") record.Refusal = AnswerFacts.Read(body).Error;
    }

    private static async Task ReadWholeAsync(HttpResponseMessage response, RequestRecord record, CancellationToken patience)
    {
        var facts = AnswerFacts.Read(await response.Content.ReadAsByteArrayAsync(patience));
        record.PromptTokens = Math.Max(0, facts.PromptTokens);
        record.CompletionTokens = Math.Max(0, facts.CompletionTokens);
        if (facts.Error is not null) record.Error = "error event";
        else if (!facts.Finished) record.Error = "cut short";
    }
}
