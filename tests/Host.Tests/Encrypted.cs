using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>TLS on the same addresses, with certificates in each form.</summary>
public sealed class Encrypted : IDisposable
{
    private const string Password = "a password";

    private static readonly PbeParameters Locked = new(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1000);

    private readonly string _folder = Directory.CreateTempSubdirectory("streamcore-tls-").FullName;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _certificate;

    public Encrypted()
    {
        var request = new CertificateRequest("CN=localhost", _key, HashAlgorithmName.SHA256);
        _certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(1));
        Write("cert.pem", _certificate.ExportCertificatePem());
        Write("key.pem", _key.ExportPkcs8PrivateKeyPem());
        Write("locked.pem", _key.ExportEncryptedPkcs8PrivateKeyPem(Password, Locked));
        Write("both.pem", _certificate.ExportCertificatePem() + "\n" + _key.ExportPkcs8PrivateKeyPem());
        Write("broken.pem", "no certificate at all");
        File.WriteAllBytes(In("cert.pfx"), _certificate.Export(X509ContentType.Pkcs12, Password));
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Write("other.pem", other.ExportPkcs8PrivateKeyPem());
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("cert.pem", "key.pem", "")]
    [InlineData("cert.pem", "locked.pem", Password)]
    [InlineData("both.pem", "", "")]
    [InlineData("cert.pfx", "", Password)]
    public async Task Requests_and_streams_are_served_over_tls(string certificate, string key, string password)
    {
        await using var server = await StartAsync(certificate, key, password);
        using var trusting = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = IsOurs,
            },
        };
        using var http = Recording.Client(server.Address, trusting);
        Assert.Equal("https", server.Address.Scheme);
        Assert.Equal("""{"status":"ok"}""", await http.GetStringAsync("health", Stop));
        var events = await RawHttp.StreamAsync(http, "v1/chat/completions", RawHttp.Chat("Hello!", 4, stream: true), Stop);
        Assert.Equal("[DONE]", events[^1]);
    }

    [Fact]
    public async Task Only_http_1_is_offered()
    {
        await using var server = await StartAsync("both.pem", "", "");
        using var client = new TcpClient();
        await client.ConnectAsync(server.Address.Host, server.Address.Port, Stop);
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
            RemoteCertificateValidationCallback = IsOurs,
        }, Stop);
        Assert.Equal(SslApplicationProtocol.Http11, tls.NegotiatedApplicationProtocol);
    }

    [Theory]
    [InlineData("none.pem", "", "", "none.pem")]
    [InlineData("cert.pem", "none.pem", "", "none.pem")]
    [InlineData("broken.pem", "", "", "broken.pem")]
    [InlineData("cert.pem", "", "", "cert.pem")]
    [InlineData("cert.pem", "other.pem", "", "cert.pem")]
    [InlineData("cert.pem", "locked.pem", "wrong", "cert.pem")]
    [InlineData("cert.pem", "locked.pem", "", "cert.pem")]
    [InlineData("cert.pfx", "", "wrong", "cert.pfx")]
    public async Task What_cannot_be_used_is_one_clear_line(string certificate, string key, string password, string named)
    {
        var fault = await Assert.ThrowsAsync<StartupException>(() => StartAsync(certificate, key, password));
        Assert.StartsWith("server.tls", fault.Message, StringComparison.Ordinal);
        Assert.Contains(named, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
    }

    private Task<OwnServer> StartAsync(string certificate, string key, string password) => OwnServer.StartAsync(
        Stop,
        options => options.Server.Tls = new TlsOptions { Certificate = In(certificate), Key = key.Length > 0 ? In(key) : "", Password = password },
        scheme: "https");

    private bool IsOurs(object sender, X509Certificate? given, X509Chain? chain, SslPolicyErrors errors) =>
        given?.GetCertHashString() == _certificate.GetCertHashString();

    private string In(string name) => Path.Combine(_folder, name);

    private void Write(string name, string text) => File.WriteAllText(In(name), text);
}
