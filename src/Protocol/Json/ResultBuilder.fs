namespace StreamCore.Protocol

/// `result { }`: the first error ends it.
[<Sealed>]
type internal ResultBuilder() =
    member inline _.Bind(result: Result<'T, 'E>, [<InlineIfLambda>] next: 'T -> Result<'U, 'E>) =
        match result with
        | Ok value -> next value
        | Error error -> Error error

    member inline _.Return(value: 'T) : Result<'T, 'E> = Ok value
    member inline _.ReturnFrom(result: Result<'T, 'E>) = result

[<AutoOpen>]
module internal ResultBuilding =
    let result = ResultBuilder()
