namespace StreamCore.Engines.Tokenization.PreTokenizers;

/// <summary>A part of the text on its way to the model; <paramref name="AtStart"/> when it begins where the text began.</summary>
internal readonly record struct Piece(ReadOnlyMemory<char> Text, bool AtStart);
