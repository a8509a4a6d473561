namespace StreamCore.Engines.Tests.Reference;

/// <summary>The sizes the reference needs, as the test states them: it does not trust the importer's reading of config.json.</summary>
internal sealed record ReferenceShape(
    int Vocabulary, int Hidden, int Layers, int Heads, int KvHeads, int HeadSize, int Mlp, double RopeTheta, double NormEpsilon)
{
    public int QkvWidth => (Heads + 2 * KvHeads) * HeadSize;
}
