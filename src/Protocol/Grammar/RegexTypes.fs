namespace StreamCore.Protocol.Grammar

/// A regular expression, as its texts and not as a matcher sees it: groups and laziness are gone.
[<RequireQualifiedAccess>]
type internal Regex =
    | Empty
    | Character of CodePoints
    | Sequence of Regex[]
    | Choice of Regex[]
    /// `Maximum` -1 is none.
    | Repeat of Item: Regex * Minimum: int * Maximum: int
    /// `^`
    | Start
    /// `$`
    | End

/// From a regular expression to the texts in which it is found.
[<RequireQualifiedAccess>]
module internal Regex =
    let private anything = Regex.Repeat(Regex.Character CodePoints.any, 0, -1)

    let private misplaced () =
        GrammarFault.Stop "'^' and '$' are supported only at the ends of the pattern or of its alternatives"

    let rec private check it =
        match it with
        | Regex.Start
        | Regex.End -> misplaced ()
        | Regex.Sequence items
        | Regex.Choice items -> Array.iter check items
        | Regex.Repeat(item, _, _) -> check item
        | _ -> ()

    /// The ends of one alternative: what it matches must begin or end there only if it says so.
    let rec private anchored openStart openEnd it =
        let filled (wanted: bool) =
            if wanted then anything else Regex.Empty

        match it with
        | Regex.Choice items -> Regex.Choice(Array.map (anchored openStart openEnd) items)
        | Regex.Sequence items when items.Length > 0 ->
            let hasStart = items[0] = Regex.Start
            let hasEnd = items[items.Length - 1] = Regex.End

            let inner =
                items[(if hasStart then 1 else 0) .. items.Length - (if hasEnd then 2 else 1)]

            let openStart, openEnd = openStart && not hasStart, openEnd && not hasEnd

            match inner with
            | [| Regex.Choice _ as one |]
            | [| Regex.Sequence _ as one |] -> anchored openStart openEnd one
            | inner ->
                Array.iter check inner
                Regex.Sequence(Array.concat [ [| filled openStart |]; inner; [| filled openEnd |] ])
        | Regex.Start -> filled openEnd
        | Regex.End -> filled openStart
        | other ->
            check other
            Regex.Sequence [| filled openStart; other; filled openEnd |]

    /// Every text in which the expression is found.
    let found it = anchored true true it

    /// Every text that the expression is found in from end to end.
    let whole it = anchored false false it

    let rec part spelling it : Fragment.Part =
        match it with
        | Regex.Empty
        | Regex.Start
        | Regex.End -> Fragment.nothing
        | Regex.Character set -> CodePoints.part spelling set
        | Regex.Sequence items -> Fragment.sequence (Array.map (part spelling) items)
        | Regex.Choice items -> Fragment.choice (Array.map (part spelling) items)
        | Regex.Repeat(item, minimum, maximum) -> Fragment.repeat minimum maximum (part spelling item)
