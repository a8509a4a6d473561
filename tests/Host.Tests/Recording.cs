using System.ClientModel.Primitives;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using OpenAI;

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

    /// <summary>What the official client needs to ask a server.</summary>
    public static OpenAIClientOptions Sdk(Uri address) => new()
    {
        Endpoint = new Uri(address, "v1"),
        Transport = new HttpClientPipelineTransport(Client(address)),
    };

    /// <summary>Keeps an answer that was read from a socket as it came, its body not in chunks.</summary>
    public static void Keep(string request, string answer)
    {
        if (string.IsNullOrEmpty(Folder)) return;
        var line = request.Split("\r\n")[0].Split(' ');
        var head = answer[..answer.IndexOf("\r\n\r\n", StringComparison.Ordinal)].Split("\r\n");
        var fields = head.Skip(1).Select(field => field.Split(": ")).ToLookup(field => field[0], field => field[1]);
        Save(Directory.CreateDirectory(Folder).FullName, line[0], line[1], int.Parse(head[0].Split(' ')[1], CultureInfo.InvariantCulture),
            fields["Content-Type"].FirstOrDefault(""), answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..], whole: true);
    }

    /// <summary>The handler, recorded where that is asked for.</summary>
    public static HttpMessageHandler Over(HttpMessageHandler handler) =>
        string.IsNullOrEmpty(Folder) ? handler : new Recording(handler, Directory.CreateDirectory(Folder).FullName);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (request.Method != HttpMethod.Head) response.Content = new Recorded(response.Content, (body, whole) => Save(request, response, body, whole));
        return response;
    }

    private void Save(HttpRequestMessage request, HttpResponseMessage response, byte[] body, bool whole) => Save(
        folder, request.Method.Method, request.RequestUri!.AbsolutePath, (int)response.StatusCode,
        response.Content.Headers.ContentType?.ToString() ?? "", Encoding.UTF8.GetString(body), whole);

    private static void Save(string folder, string method, string path, int status, string type, string body, bool whole) => File.WriteAllText(
        Path.Combine(folder, $"{Guid.NewGuid():N}.json"), JsonSerializer.Serialize(new { method, path, status, type, body, complete = whole }));

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
