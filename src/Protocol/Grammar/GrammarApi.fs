namespace StreamCore.Protocol.Grammar

open System.Diagnostics.CodeAnalysis
open StreamCore.Protocol

[<AbstractClass; Sealed>]
type GrammarApi =
    static member TryCompile
        (
            spec: GrammarSpec,
            limits: GrammarLimits,
            [<NotNullWhen true>] tables: outref<GrammarTables | null>,
            [<NotNullWhen false>] error: outref<ApiError | null>
        ) =
        match GrammarCompiler(limits).Compile spec with
        | Ok compiled ->
            tables <- compiled
            error <- null
            true
        | Error refused ->
            tables <- null
            error <- refused
            false
