namespace StreamCore.Engines.Onnx.Attention;

/// <summary>A few neighbouring new tokens of one run, which are scored together.</summary>
/// <param name="Row">The first one's row in the op's input and output.</param>
/// <param name="TokenCount">How many.</param>
/// <param name="Position">The first one's position in its sequence.</param>
/// <param name="FirstBlock">Where its sequence's block table starts in the step's.</param>
/// <param name="IsWholeRun">The tile's tokens are all the new tokens of their sequence.</param>
internal readonly record struct QueryTile(int Row, int TokenCount, int Position, int FirstBlock, bool IsWholeRun);
