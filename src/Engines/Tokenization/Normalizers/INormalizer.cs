namespace StreamCore.Engines.Tokenization.Normalizers;

/// <summary>Changes the text before it is split. Pure.</summary>
internal interface INormalizer
{
    string Normalize(string text);
}
