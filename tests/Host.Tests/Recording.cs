using System.Net;
using System.Text;
using System.Text.Json;

namespace StreamCore.Host.Tests;

/// <summary>
/// Clients of the servers under test. With <c>RECORD_ANSWERS_TO</c> set, each answer they read is kept in a file there, as
/// <c>tests/Conformance</c> reads it: method, path, status, media type, body, and whether it was read to its end.
/// </summary>
internal sealed class Recording(HttpMessageHandler inner, string folder) : DelegatingHandler(inner)
{
    private static readonly string? Folder = Environment.GetEnvironmentVariable("RECORD_ANSWERS_TO");

    public static HttpClient Client(Uri address, HttpMessageHandler? handler = null) =>
        new(Over(handler ?? new SocketsHttpHandler())) { BaseAddress = address };

    /// <summary>The handler, recorded where that is asked for.</summary>
    public static HttpMessageHandler Over(HttpMessageHandler handler) =>
        string.IsNullOrEmpty(Folder) ? handler : new Recording(handler, Directory.CreateDirectory(Folder).FullName);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (request.Method != HttpMethod.Head) response.Content = new Recorded(response.Content, (body, whole) => Save(request, response, body, whole));
        return response;
    }

    private void Save(HttpRequestMessage request, HttpResponseMessage response, byte[] body, bool whole) => File.WriteAllText(
        Path.Combine(folder, $"{Guid.NewGuid():N}.json"),
        JsonSerializer.Serialize(new
        {
            method = request.Method.Method,
            path = request.RequestUri!.AbsolutePath,
            status = (int)response.StatusCode,
            type = response.Content.Headers.ContentType?.ToString() ?? "",
            body = Encoding.UTF8.GetString(body),
            complete = whole,
        }));

    /// <summary>Content that tells what was read of it, once, when it ends or is left.</summary>
    private sealed class Recorded : HttpContent
    {
        private readonly HttpContent _content;
        private readonly Action<byte[], bool> _done;

        public Recorded(HttpContent content, Action<byte[], bool> done)
        {
            (_content, _done) = (content, done);
            foreach (var (name, values) in content.Headers) Headers.TryAddWithoutValidation(name, values);
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await using var source = await CreateContentReadStreamAsync();
            await source.CopyToAsync(stream);
        }

        protected override async Task<Stream> CreateContentReadStreamAsync() =>
            new CopyingStream(await _content.ReadAsStreamAsync(), _done);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) _content.Dispose();
            base.Dispose(disposing);
        }
    }
}
