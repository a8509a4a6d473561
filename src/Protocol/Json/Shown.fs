namespace StreamCore.Protocol

/// What the client sent, as shown back to it in a message: short, whatever its length was.
[<RequireQualifiedAccess>]
module internal Shown =
    [<Literal>]
    let private MaxLength = 100

    let text (value: string) =
        if value.Length <= MaxLength then
            value
        else
            String.concat "" [ value.Substring(0, MaxLength); "…" ]

    let quoted (value: string) =
        String.concat "" [ "'"; text value; "'" ]

    /// `a, b, and c`, the way OpenAI lists values.
    let list (values: string[]) =
        match values with
        | [||] -> ""
        | [| one |] -> one
        | [| first; second |] -> String.concat " and " [ first; second ]
        | many ->
            let last = many.Length - 1
            String.concat "" [ String.concat ", " many[.. last - 1]; ", and "; many[last] ]
