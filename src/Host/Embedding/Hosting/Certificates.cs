using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace StreamCore.Host.Hosting;

/// <summary>Loads what TLS needs, or says in one line why it cannot.</summary>
internal static class Certificates
{
    /// <summary>Null when TLS is not configured.</summary>
    /// <exception cref="StartupException">A file is missing, broken or locked by another password.</exception>
    public static HttpsConnectionAdapterOptions? Load(TlsOptions options)
    {
        if (options.Certificate.Length == 0) return null;
        MustExist("server.tls.certificate", options.Certificate);
        if (options.Key.Length > 0) MustExist("server.tls.key", options.Key);
        try
        {
            var chain = new X509Certificate2Collection();
            var certificate = IsPem(options.Certificate) ? FromPem(options, chain) : FromPkcs12(options, chain);
            if (!certificate.HasPrivateKey) throw new StartupException($"server.tls.certificate: '{options.Certificate}' holds no private key; give one as server.tls.key.");
            return new HttpsConnectionAdapterOptions { ServerCertificate = certificate, ServerCertificateChain = chain };
        }
        catch (Exception fault) when (fault is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            var why = fault.Message.ReplaceLineEndings(" ");
            throw new StartupException($"server.tls: '{options.Certificate}' and its key cannot be used; is the password right, and do they belong together? ({why})", fault);
        }
    }

    private static bool IsPem(string path) => Path.GetExtension(path).ToUpperInvariant() is not (".PFX" or ".P12");

    /// <summary>The first certificate of the file is the server's, the others are sent along.</summary>
    private static X509Certificate2 FromPem(TlsOptions options, X509Certificate2Collection chain)
    {
        var key = options.Key.Length > 0 ? options.Key : options.Certificate;
        var certificate = options.Password.Length > 0
            ? X509Certificate2.CreateFromEncryptedPemFile(options.Certificate, options.Password, key)
            : X509Certificate2.CreateFromPemFile(options.Certificate, key);
        chain.ImportFromPemFile(options.Certificate);
        // Windows' TLS cannot use a key that lives in memory only.
        return OperatingSystem.IsWindows() ? X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null) : certificate;
    }

    private static X509Certificate2 FromPkcs12(TlsOptions options, X509Certificate2Collection chain)
    {
        chain.AddRange(X509CertificateLoader.LoadPkcs12CollectionFromFile(options.Certificate, options.Password));
        return X509CertificateLoader.LoadPkcs12FromFile(options.Certificate, options.Password);
    }

    private static void MustExist(string setting, string path)
    {
        if (!File.Exists(path)) throw new StartupException($"{setting}: there is no file '{path}'.");
    }
}
