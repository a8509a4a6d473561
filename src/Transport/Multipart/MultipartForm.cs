namespace StreamCore.Transport.Multipart;

/// <summary>The parts of a form, in the order sent. Disposing it deletes their temporary files.</summary>
public sealed class MultipartForm : IDisposable
{
    private readonly List<FormPart> _parts = [];

    public IReadOnlyList<FormPart> Parts => _parts;

    /// <summary>The first part of this name, or null. Names are compared exactly.</summary>
    public FormPart? Find(string name) => _parts.Find(part => part.Name == name);

    public void Dispose()
    {
        foreach (var part in _parts) part.Dispose();
    }

    internal void Add(FormPart part) => _parts.Add(part);
}
