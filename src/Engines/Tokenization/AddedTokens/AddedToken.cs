namespace StreamCore.Engines.Tokenization.AddedTokens;

/// <summary>A token found in the text before the model sees it.</summary>
/// <param name="Id">Its id, which may also be one of the model's.</param>
/// <param name="Content">Its spelling in the text.</param>
/// <param name="SingleWord">Only where no word character touches it.</param>
/// <param name="StripsLeft">Takes the white space before it along.</param>
/// <param name="StripsRight">Takes the white space after it along.</param>
/// <param name="Normalized">Found in the normalized text, by its normalized spelling.</param>
/// <param name="Special">Has a meaning of its own and no text.</param>
internal sealed record AddedToken(
    int Id, string Content, bool SingleWord, bool StripsLeft, bool StripsRight, bool Normalized, bool Special);
