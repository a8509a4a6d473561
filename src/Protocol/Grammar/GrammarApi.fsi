namespace StreamCore.Protocol.Grammar

open System.Diagnostics.CodeAnalysis
open StreamCore.Protocol

/// From descriptions of texts to tables that a token at a time can be checked against.
[<AbstractClass; Sealed>]
type GrammarApi =
    /// Compiles a description within the limits; takes milliseconds, and up to about half a second before it refuses with the default ones. What it refuses is
    /// a 400 that names the parameter, and of a schema the keyword and where it stands.
    static member TryCompile:
        spec: GrammarSpec *
        limits: GrammarLimits *
        [<NotNullWhen true>] tables: outref<GrammarTables | null> *
        [<NotNullWhen false>] error: outref<ApiError | null> ->
            bool
