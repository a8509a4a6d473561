using System.Globalization;
using System.Text;
using StreamCore.TestKit;
using StreamCore.Transport.Exchange;
using StreamCore.Transport.Multipart;
using StreamCore.Transport.Parsing;

namespace StreamCore.Transport.Tests.Multipart;

/// <summary>Forms, good and bad, with the boundary <c>b</c>; and what is understood of a form. Text is Latin-1, one byte a character.</summary>
internal static class Forms
{
    public const string Type = "multipart/form-data; boundary=b";

    /// <summary>A form, and its parts as <see cref="Understood"/> tells them.</summary>
    public static readonly (string Form, string Parts)[] Good =
    [
        ("--b--", ""),
        ("--b--\r\n", ""),
        (Field("a", "1") + "--b--", "a=1;"),
        (Field("a", "") + "--b--\r\n", "a=;"),
        (Field("a", "1") + Field("a", "2") + "--b--\r\n", "a=1;a=2;"),
        (Field("a", "x\r\ny\r\n--\r\n--c\r\n-\r\r\n") + "--b--", "a=x\r\ny\r\n--\r\n--c\r\n-\r\r\n;"),
        (Field("a", "\r\n--") + "--b--", "a=\r\n--;"),
        ("what is before\r\n--c\r\n" + Field("a", "1") + "--b--what is\r\n--b\r\nbehind", "a=1;"),
        ("--b \t\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b--", "a=1;"),
        (File("name=\"file\"; filename=\"a.wav\"", "RIFF\0\xff") + "--b--\r\n", "file[a.wav audio/wav]=RIFF\0\xff;"),
        (File("filename=a.wav; name=file", "") + Field("model", "m") + "--b--\r\n", "file[a.wav audio/wav]=;model=m;"),
        (File("name=f; filename=\"\"", "1") + "--b--", "f[ audio/wav]=1;"),
        ("--b\r\nCONTENT-DISPOSITION:FORM-DATA;NAME=\"a\"\r\nContent-Transfer-Encoding: 8bit\r\nX-Other: y\r\n\r\n1\r\n--b--", "a=1;"),
    ];

    /// <summary>Parameters of Content-Disposition, and name and file name as understood.</summary>
    public static readonly (string Parameters, string Name, string? FileName)[] Dispositions =
    [
        ("name=\"a\"", "a", null),
        (" ; ;name=a ;", "a", null),
        ("name=\"a b;c=\\\"d\\\"\"", "a b;c=\"d\"", null),
        ("name=\"a%22b%0D%0Ac%20%41\"", "a\"b\r\nc%20%41", null),
        ("name=\"\xc3\xa4\"", "\u00e4", null),
        ("name=a; filename=\"C:\\dir\\new.wav\"", "a", "new.wav"),
        ("name=a; filename=\"../../etc/passwd\"", "a", "passwd"),
        ("name=a; filename=\"say \\\"hi\\\" \\\\.wav\"", "a", ".wav"),
        ("name=a; filename=\"\xff.wav\"", "a", "\uFFFD.wav"),
        ("name=a; filename*=UTF-8''%e2%82%ac%20rates.wav; filename=\"EUR.wav\"", "a", "\u20ac rates.wav"),
        ("name=a; filename=\"EUR.wav\"; filename*=utf-8'en'%E2%82%AC.wav", "a", "\u20ac.wav"),
        ("name=a; filename*=iso-8859-1''%e4.wav", "a", "\u00e4.wav"),
        ("name=a; filename*=utf-8''", "a", ""),
        ("name=a; filename*=UTF-8''%2e%2e%2fx", "a", "x"),
        ("name*=utf-8''%c3%a4; filename=x", "\u00e4", "x"),
        ("name=a; size=3; filename=x", "a", "x"),
    ];

    public static readonly string[] BadDispositions =
    [
        "", "filename=x", "name", "name=", "name=a b", "name=\"a", "name=\"a\"b", "name=a; name=b", "name=\"\xe4\"",
        "name=a; filename=x; filename=y", "name=a; filename*=x", "name=a; filename*=utf-8''%e4", "name=a; filename*=utf-8''%4",
        "name=a; filename*=koi8-r''a", "name=a; filename*0=x; filename*1=y", "name=a; filename*0*=utf-8''x", "na me=a",
    ];

    public static readonly (string Form, HttpRejection Rejection)[] Bad =
    [
        .. BadDispositions.Select(static text => (File(text, "1") + "--b--", HttpRejection.InvalidPartHead)),
        ("--b\r\n\r\n1\r\n--b--", HttpRejection.InvalidPartHead),
        ("--b\r\nContent-Disposition: form-data\r\n\r\n1\r\n--b--", HttpRejection.InvalidPartHead),
        ("--b\r\nContent-Disposition: attachment; name=a\r\n\r\n1\r\n--b--", HttpRejection.InvalidPartHead),
        ("--b\r\nContent-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b--", HttpRejection.InvalidPartHead),
        ("--b\r\nContent-Disposition: form-data; name=a\r\n filename=x\r\n\r\n1\r\n--b--", HttpRejection.InvalidPartHead),
        ("--b\r\nContent-Disposition : form-data; name=a\r\n\r\n1\r\n--b--", HttpRejection.InvalidPartHead),
        ("--b\r\nContent-Disposition: form-data; name=a\0\r\n\r\n1\r\n--b--", HttpRejection.InvalidPartHead),
        ("--b\r\nContent-Disposition: form-data; name=a\n\r\n1\r\n--b--", HttpRejection.MalformedForm),
        ("--b\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b--", HttpRejection.MalformedForm),
        ("--bc\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b--", HttpRejection.MalformedForm),
        ("--b-\r\n", HttpRejection.MalformedForm),
        ("--b" + new string(' ', 65) + "\r\n", HttpRejection.MalformedForm),
        (Field("a", "1") + "--b x\r\n", HttpRejection.MalformedForm),
        ("--b\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b--", HttpRejection.PartEncodingNotSupported),
        (Field("a", "\xe4") + "--b--", HttpRejection.InvalidFieldText),
        (Field("a", "\xe4") + Field("b", "1"), HttpRejection.InvalidFieldText),
        ("", HttpRejection.FormCutShort),
        ("a=1&b=2", HttpRejection.FormCutShort),
    ];

    public static string Field(string name, string value) => $"--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n";

    public static string File(string parameters, string content) =>
        $"--b\r\nContent-Disposition: form-data; {parameters}\r\nContent-Type: audio/wav\r\n\r\n{content}\r\n";

    /// <summary>Feeds the parts one after the other: what is understood in the end, or the rejection.</summary>
    public static string Read(IEnumerable<byte[]> pieces, MultipartOptions? options = null)
    {
        using var builder = new FormBuilder("b"u8, options ?? new());
        foreach (var piece in pieces)
        {
            var rejection = builder.TakeAsync(piece).AsTask().GetAwaiter().GetResult();
            if (rejection != HttpRejection.None) return rejection.ToString();
        }
        var end = builder.Finish(out var form);
        using (form) return form is null ? end.ToString() : Understood(form);
    }

    /// <summary>Answers a form with what is understood of it.</summary>
    public static async ValueTask AnswerAsync(HttpExchange exchange, MultipartOptions options)
    {
        var content = await MultipartReader.ReadAsync(exchange.Body, exchange.Request.Header("Content-Type"), options);
        using var form = content.Form;
        if (content.IsRejected) await exchange.RejectAsync(content.Rejection);
        else await exchange.RespondAsync(200, null, Encoding.UTF8.GetBytes(Understood(content.Form)));
    }

    public static string Understood(MultipartForm form) => string.Concat(form.Parts.Select(static part =>
    {
        using var content = new StreamReader(part.OpenRead(), Encoding.Latin1);
        var bytes = content.ReadToEnd();
        Assert.Equal(part.Length, bytes.Length);
        return part.IsFile ? $"{part.Name}[{part.FileName} {part.ContentType}]={bytes};" : $"{part.Name}={bytes};";
    }));

    /// <summary>The same result however the form arrives.</summary>
    public static void AssertReads(string form, string expected, MultipartOptions? options = null)
    {
        var bytes = Encoding.Latin1.GetBytes(form);
        foreach (var pieces in bytes.Length == 0 ? [[]] : ByteSplits.Of(bytes))
        {
            var read = Read(pieces, options);
            Assert.True(expected == read, string.Create(CultureInfo.InvariantCulture, $"In {pieces.Length} pieces, the first of {pieces.FirstOrDefault()?.Length}: {read}"));
        }
    }
}
