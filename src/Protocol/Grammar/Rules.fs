namespace StreamCore.Protocol.Grammar

open System
open System.Collections.Generic

/// A use of a rule. The two counts are for the rule of strings, which counts its characters.
[<Struct>]
type internal Symbol = {
    Rule: int
    Minimum: int
    Maximum: int
}

/// The rules of one grammar while they are made. Rule 0 is that of strings, always the same: the rest of a JSON string after
/// its first quotation mark, characters counted at its first state.
[<Sealed>]
type internal Rules(budget: Budget) =
    let finished = ResizeArray<Dfa | null>()
    let symbols = ResizeArray<Symbol>()
    let known = Dictionary<Symbol, int>()

    let symbol (wanted: Symbol) =
        let mutable id = 0

        if not (known.TryGetValue(wanted, &id)) then
            id <- symbols.Count
            symbols.Add wanted
            known.Add(wanted, id)

        id

    member _.Budget = budget
    member _.Symbols = symbols.ToArray()

    /// A rule to be made later.
    member _.Reserve() =
        budget.Work 1
        finished.Add null
        finished.Count - 1

    member _.Define(rule: int, dfa: Dfa) =
        budget.Keep dfa.Count
        finished[rule] <- dfa

    /// All of them; a rule that was reserved and not made would be a bug.
    member _.Finished = [|
        for dfa in finished do
            match dfa with
            | null -> invalidOp "A rule was not defined."
            | dfa -> dfa
    |]

    member _.Call(rule: int) : Fragment.Part =
        Fragment.call (
            symbol {
                Rule = rule
                Minimum = 0
                Maximum = 0
            }
        )

    /// A string of so many characters, after its first quotation mark.
    member _.Text(minimum: int, maximum: int) : Fragment.Part =
        Fragment.call (
            symbol {
                Rule = 0
                Minimum = minimum
                Maximum = maximum
            }
        )

[<RequireQualifiedAccess>]
module internal TextRule =
    let private range low high : Fragment.Part =
        fun nfa from ->
            let target = nfa.New()
            nfa.Edge(from, low, high, target)
            target

    let private hexes (sets: (int * int)[]) : Fragment.Part =
        Fragment.choice (sets |> Array.map (fun (low, high) -> range low high))

    let private hex = hexes [| int '0', int '9'; int 'A', int 'F'; int 'a', int 'f' |]

    /// `\u` and four digits, of which the first two decide whether it is a surrogate: D8 to DB before DC to DF, or neither.
    let private unicode: Fragment.Part =
        let letterD = hexes [| int 'D', int 'D'; int 'd', int 'd' |]
        let upToSeven = hexes [| int '0', int '7' |]
        let high = hexes [| int '8', int '9'; int 'A', int 'B'; int 'a', int 'b' |]
        let low = hexes [| int 'C', int 'F'; int 'c', int 'f' |]

        let notD =
            hexes [|
                int '0', int '9'
                int 'A', int 'C'
                int 'a', int 'c'
                int 'E', int 'F'
                int 'e', int 'f'
            |]

        Fragment.sequence [|
            Fragment.ascii "\\u"
            Fragment.choice [|
                Fragment.sequence [| notD; hex; hex; hex |]
                Fragment.sequence [| letterD; upToSeven; hex; hex |]
                Fragment.sequence [| letterD; high; hex; hex; Fragment.ascii "\\u"; letterD; low; hex; hex |]
            |]
        |]

    let private shortEscape =
        Fragment.sequence [|
            Fragment.ascii "\\"
            Fragment.choice [| for letter in "\"\\/bfnrt" -> Fragment.byte (byte letter) |]
        |]

    let private plain =
        CodePoints.part
            Spelling.Plain
            (CodePoints.complement (
                CodePoints.normal [ struct (0, 0x1F); struct (int '"', int '"'); struct (int '\\', int '\\') ]
            ))

    /// RFC 8259 §7 up to and with the closing quotation mark.
    let dfa budget =
        Dfa.ofPart
            budget
            (Fragment.sequence [|
                Fragment.star (Fragment.choice [| plain; shortEscape; unicode |])
                Fragment.byte '"'B
            |])
