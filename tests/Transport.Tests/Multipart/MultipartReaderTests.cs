using System.Net.Http.Headers;
using System.Text;
using StreamCore.Transport.Multipart;
using StreamCore.Transport.Parsing;

namespace StreamCore.Transport.Tests.Multipart;

public sealed class MultipartReaderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("streamcore-forms-").FullName;

    public static TheoryData<string, string> Good => new(Forms.Good);

    public static TheoryData<string, HttpRejection> Bad => new(Forms.Bad);

    public static TheoryData<string, string, string?> Dispositions => new(Forms.Dispositions);

    public void Dispose() => Directory.Delete(_folder);

    [Theory, MemberData(nameof(Good))]
    public void A_good_form_is_understood_however_it_arrives(string form, string parts) => Forms.AssertReads(form, parts);

    [Theory, MemberData(nameof(Good))]
    public void A_form_cut_short_anywhere_is_an_error(string form, string parts)
    {
        Assert.NotNull(parts);
        var last = form.IndexOf("--b--", StringComparison.Ordinal) + 5;
        for (var length = 0; length < last; length++)
            Assert.Equal("FormCutShort", Forms.Read([Encoding.Latin1.GetBytes(form[..length])]));
    }

    [Theory, MemberData(nameof(Bad))]
    public void A_bad_form_is_refused_for_the_same_reason_however_it_arrives(string form, HttpRejection rejection) =>
        Forms.AssertReads(form, rejection.ToString());

    [Theory, MemberData(nameof(Dispositions))]
    public void Names_are_read_as_clients_write_them(string parameters, string name, string? fileName)
    {
        Assert.True(ContentDisposition.TryParse(Encoding.Latin1.GetBytes("form-data; " + parameters), out var readName, out var readFileName));
        Assert.Equal((name, fileName), (readName, readFileName));
    }

    [Theory]
    [InlineData("multipart/form-data; boundary=b", "b")]
    [InlineData("Multipart/Form-Data ;charset=utf-8; BOUNDARY=\"a b:c\"", "a b:c")]
    [InlineData("multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW", "----WebKitFormBoundary7MA4YWxkTrZu0gW")]
    [InlineData(null, "NotAForm")]
    [InlineData("application/json", "NotAForm")]
    [InlineData("multipart/mixed; boundary=b", "NotAForm")]
    [InlineData("multipart/form-data", "InvalidBoundary")]
    [InlineData("multipart/form-data; boundary=", "InvalidBoundary")]
    [InlineData("multipart/form-data; boundary=\"\"", "InvalidBoundary")]
    [InlineData("multipart/form-data; boundary=\"a \"", "InvalidBoundary")]
    [InlineData("multipart/form-data; boundary=\"a", "InvalidBoundary")]
    [InlineData("multipart/form-data; boundary=a; boundary=b", "InvalidBoundary")]
    [InlineData("multipart/form-data; boundary=\u00e4", "InvalidBoundary")]
    [InlineData("multipart/form-data; boundary=12345678901234567890123456789012345678901234567890123456789012345678901", "InvalidBoundary")]
    public void The_boundary_is_told_by_the_content_type(string? type, string expected)
    {
        var rejection = MultipartBoundary.TryRead(type, out var boundary);
        Assert.Equal(expected, rejection == HttpRejection.None ? Encoding.Latin1.GetString(boundary) : rejection.ToString());
    }

    [Fact]
    public void Limits_hold_at_their_edge_however_the_bytes_arrive()
    {
        var options = new MultipartOptions { MaxPartCount = 2, MaxFieldBytes = 3, MaxFileBytes = 5, MaxFileBytesInMemory = 5, MaxPartHeadBytes = 100 };
        const string file = "name=f; filename=x";
        Forms.AssertReads(Forms.Field("a", "123") + Forms.File(file, "12345") + "--b--", "a=123;f[x audio/wav]=12345;", options);
        Forms.AssertReads(Forms.Field("a", "1234") + "--b--", "FieldTooLarge", options);
        Forms.AssertReads(Forms.Field("a", "1234") + "--bad", "FieldTooLarge", options);
        Forms.AssertReads(Forms.File(file, "123456") + "--b--", "FileTooLarge", options);
        Forms.AssertReads(Forms.Field("a", "1") + Forms.Field("b", "1") + "--b\r\n", "TooManyParts", options);

        const string start = "--b\r\nContent-Disposition: form-data; name=";
        var room = 100 - (start.Length - 5) - 4;
        Forms.AssertReads(start + new string('n', room) + "\r\n\r\n1\r\n--b--", new string('n', room) + "=1;", options);
        Forms.AssertReads(start + new string('n', room + 1) + "\r\n\r\n1\r\n--b--", "PartHeadTooLarge", options);
        Forms.AssertReads(start + new string('n', room + 30), "PartHeadTooLarge", options);

        var form = Forms.Field("a", "1") + "--b--";
        Forms.AssertReads(form, "a=1;", new() { MaxTotalBytes = form.Length });
        Forms.AssertReads(form + "\r\n", "BodyTooLarge", new() { MaxTotalBytes = form.Length });
        Forms.AssertReads("--b x\r\n" + form, "MalformedForm", new() { MaxTotalBytes = 7 });
        Forms.AssertReads("--b x\r\n" + form, "BodyTooLarge", new() { MaxTotalBytes = 6 });
    }

    [Fact]
    public void Content_longer_than_the_window_is_whole_wherever_a_boundary_falls()
    {
        for (var length = 24_000; length < 25_500; length += 7)
        {
            var content = string.Concat(Enumerable.Range(0, length).Select(static i => "\r\n--ax"[i % 6]));
            var form = Encoding.Latin1.GetBytes(Forms.File("name=f; filename=x", content) + Forms.Field("a", "1") + "--b--");
            Assert.Equal($"f[x audio/wav]={content};a=1;", Forms.Read(form.Chunk(5000)));
        }
    }

    [Theory]
    [InlineData(10)]
    [InlineData(300_000)]
    public async Task A_file_too_long_for_memory_goes_to_a_private_one_that_does_not_outlive_the_form(int inMemory)
    {
        var options = new MultipartOptions { MaxFileBytesInMemory = inMemory, TemporaryFolder = _folder };
        using var builder = new FormBuilder("b"u8, options);
        var content = string.Concat(Enumerable.Range(0, 200_000).Select(static i => (char)(i % 251)));
        foreach (var piece in Encoding.Latin1.GetBytes(Forms.File("name=f; filename=x", content) + Forms.Field("a", "1") + "--b--").Chunk(7777))
            Assert.Equal(HttpRejection.None, await builder.TakeAsync(piece));
        Assert.Equal(HttpRejection.None, builder.Finish(out var form));

        var files = Directory.GetFiles(_folder);
        Assert.Equal(inMemory < 200_000 ? 1 : 0, files.Length);
        foreach (var file in files)
            if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal($"f[x audio/wav]={content};a=1;", Forms.Understood(form!));
        using (var stream = form!.Find("f")!.OpenRead())
        {
            stream.Position = 199_999;
            Assert.Equal(199_999 % 251, stream.ReadByte());
            Assert.Equal(-1, stream.ReadByte());
        }
        Assert.Equal("1", form.Find("a")!.Text);
        Assert.Null(form.Find("A"));

        form.Dispose();
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Theory]
    [InlineData("--b x")]
    [InlineData("--b")]
    public async Task A_form_that_is_refused_or_cut_short_leaves_no_file(string ending)
    {
        var server = Uploads(new() { MaxFileBytesInMemory = 10, TemporaryFolder = _folder });
        var form = Forms.File("name=f; filename=x", new string('x', 100_000)) + ending;
        var connection = server.Connect();
        await connection.SendAsync($"POST / HTTP/1.1\r\nHost: h\r\nContent-Type: {Forms.Type}\r\nContent-Length: {form.Length + 2}\r\n\r\n" + form);
        await connection.SendAsync("\r\n");
        Assert.Equal(400, (await connection.ReceiveResponseAsync()).Status);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task A_client_that_leaves_in_the_middle_of_a_file_leaves_no_file()
    {
        var connection = Uploads(new() { MaxFileBytesInMemory = 10, TemporaryFolder = _folder }).Connect();
        await connection.SendAsync($"POST / HTTP/1.1\r\nHost: h\r\nContent-Type: {Forms.Type}\r\nTransfer-Encoding: chunked\r\n\r\n");
        var form = Forms.File("name=f; filename=x", new string('x', 100_000));
        Assert.Contains("BodyCutShort", await connection.SendAllAsync($"{form.Length:x}\r\n{form}\r\n"));
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task A_form_of_the_platforms_own_client_is_understood()
    {
        var server = Uploads(new());
        using var client = new HttpClient(new SocketsHttpHandler { ConnectCallback = (_, _) => new(server.Handler.OpenInMemory()), UseProxy = false });
        using var form = new MultipartFormDataContent
        {
            { new StringContent("whisper-1"), "model" },
            { new ByteArrayContent([1, 2, 3]) { Headers = { ContentType = new MediaTypeHeaderValue("audio/wav") } }, "file", "gr\u00fc\u00df dich.wav" },
        };
        using var answer = await client.PostAsync(new Uri("http://in-memory/"), form).WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal("model=whisper-1;file[gr\u00fc\u00df dich.wav audio/wav]=\u0001\u0002\u0003;", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_body_that_says_it_is_too_large_is_not_read()
    {
        var server = Uploads(new() { MaxTotalBytes = 10 });
        var received = await server.Connect().SendAllAsync($"POST / HTTP/1.1\r\nHost: h\r\nContent-Type: {Forms.Type}\r\nContent-Length: 11\r\n\r\n");
        Assert.Contains("BodyTooLarge", received);
    }

    [Fact]
    public void The_defaults_are_sound_and_all_faults_are_told_at_once()
    {
        Assert.Empty(new MultipartOptions().Validate());
        Assert.Equal(2, new MultipartOptions { MaxPartCount = 0, MaxFileBytes = -1 }.Validate().Count);
    }

    private static TestServer Uploads(MultipartOptions options) => new(exchange => Forms.AnswerAsync(exchange, options));
}
