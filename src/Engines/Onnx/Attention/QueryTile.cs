namespace StreamCore.Engines.Onnx.Attention;

/// <summary>A few neighbouring new tokens of one run, which are scored together.</summary>
/// <param name="Row">The first one's row in the op's input and output.</param>
/// <param name="TokenCount">How many.</param>
/// <param name="Position">The first one's position in its sequence.</param>
/// <param name="FirstBlock">Where its sequence's block table starts in the step's.</param>
/// <param name="AppendsOwn">Whoever attends to the tile writes its keys and values first: nobody else reads them.</param>
/// <param name="Segment">The one segment of the context that the tile is scored against, or <see cref="WholeContext"/>.</param>
/// <param name="FirstPart">With a segment: where the context's parts start among those of the step.</param>
internal readonly record struct QueryTile(
    int Row, int TokenCount, int Position, int FirstBlock, bool AppendsOwn, int Segment = QueryTile.WholeContext, int FirstPart = 0)
{
    public const int WholeContext = -1;
}
