namespace StreamCore.Protocol.Grammar

open System

/// Objects.
[<RequireQualifiedAccess>]
module internal SchemaObject =
    let private namesOf (parts: ObjectPart list) =
        parts
        |> List.collect (fun part -> [ for struct (name, _) in part.Declared -> name ])
        |> List.distinct

    let private schemasOf name (parts: ObjectPart list) =
        parts
        |> List.collect (fun part -> List.ofArray (ObjectPart.schemasOf name part))

    /// Key and value of properties that no schema names: one part for each pattern, and one for what no pattern fits.
    let private otherProperties
        (rules: Rules)
        (write: Writing)
        (parts: ObjectPart list)
        (names: string list)
        : Fragment.Part[] =
        let budget = rules.Budget

        let anyString =
            lazy (Dfa.ofPart budget (Fragment.star (CodePoints.part Spelling.Json CodePoints.any)))

        let patterns = [|
            for part in parts do
                for struct (dfa, raw) in part.Patterns do
                    struct (dfa, raw)
        |]

        let named =
            lazy
                (Dfa.ofPart
                    budget
                    (Fragment.choice [| for name in names -> Fragment.literal (CodePoints.jsonText name) |]))

        let withoutNames dfa =
            if names.IsEmpty then
                dfa
            else
                Dfa.without budget dfa (named.Force())

        for first in 0 .. patterns.Length - 1 do
            for second in first + 1 .. patterns.Length - 1 do
                let struct (left, raw), struct (right, _) = patterns[first], patterns[second]

                if not (Dfa.isEmpty (Dfa.both budget left right)) then
                    SchemaRead.stop raw "'patternProperties' are supported only where no name fits two of them"

        let pair key schemas =
            Fragment.sequence [| key; JsonPart.colon; write.Repeatable schemas |]

        let outside =
            if patterns.Length = 0 && names.IsEmpty then
                Fragment.sequence [| Fragment.byte '"'B; rules.Text(0, Int32.MaxValue) |]
            else
                patterns
                |> Array.fold
                    (fun left (struct (dfa, _)) -> Dfa.without budget left dfa)
                    (withoutNames (anyString.Force()))
                |> JsonPart.text rules

        let allowsOutside =
            patterns.Length = 0 || parts |> List.exists (fun part -> part.Additional.IsSome)

        let rest = [
            for part in parts do
                match part.Additional with
                | ValueSome raw -> raw
                | ValueNone -> ()
        ]

        [|
            for struct (dfa, raw) in patterns do
                // Other schemas of an `allOf` see the same name as one of their additional ones.
                let also = [
                    for part in parts do
                        if
                            not (
                                part.Patterns
                                |> Array.exists (fun (struct (it, _)) -> obj.ReferenceEquals(it, dfa))
                            )
                        then
                            match part.Additional with
                            | ValueSome other -> other
                            | ValueNone -> ()
                ]

                pair (JsonPart.text rules (withoutNames dfa)) (raw :: also)

            if allowsOutside && not (rest |> List.exists _.IsNothing) then
                pair outside rest
        |]

    /// `{`, the properties in their order, then others, `}`. How many have been written is told apart as far as it matters.
    let part (rules: Rules) (write: Writing) (flat: Flat) : Fragment.Part =
        let declared = namesOf flat.Objects

        let named = declared.Length + flat.Required.Length + flat.Forbidden.Length
        rules.Budget.Compare(named, named)

        let undeclared =
            flat.Required |> List.filter (fun name -> not (List.contains name declared))

        let properties = [|
            for name in declared @ undeclared do
                if not (List.contains name flat.Forbidden) then
                    struct (name, List.contains name flat.Required)
        |]

        let others =
            if ObjectPart.isOpen flat.Objects then
                otherProperties rules write flat.Objects (declared @ undeclared @ flat.Forbidden)
            else
                [||]

        let least = flat.MinProperties

        if least > properties.Length + 1 && others.Length > 0 then
            match flat.Counted with
            | ValueSome raw ->
                SchemaRead.stop
                    raw
                    "'minProperties' is supported only up to the number of the properties that are named, and one more where others are allowed"
            | ValueNone -> ()

        let isBounded =
            flat.MaxProperties <
                (if others.Length > 0 then
                     Int32.MaxValue
                 else
                     properties.Length)

        // Counts up to here; the last is that many or more, where there is no bound.
        let top =
            if isBounded then
                min flat.MaxProperties properties.Length
            else
                min (max least 1) (properties.Length + 1)

        fun nfa from ->
            let target = nfa.New()

            let close state =
                nfa.Edge(state, int '}', int '}', target)

            let after count state =
                if count = 0 then state else JsonPart.comma nfa state

            let mutable counts = Array.init (top + 1) (fun _ -> nfa.New())
            nfa.Join(Fragment.byte '{'B nfa from, counts[0])

            for struct (name, isRequired) in properties do
                let schemas = schemasOf name flat.Objects
                let next = Array.init (top + 1) (fun _ -> nfa.New())

                for count in 1..top do
                    let inside = nfa.New()
                    nfa.Join(JsonPart.key name nfa (after (count - 1) counts[count - 1]), inside)

                    if count = top && not isBounded then
                        nfa.Join(JsonPart.key name nfa (JsonPart.comma nfa counts[top]), inside)

                    let written =
                        if top = 1 then
                            write.Value schemas
                        else
                            write.Repeatable schemas

                    nfa.Join(written nfa (JsonPart.colon nfa inside), next[count])

                if not isRequired then
                    Array.iter2 (fun was now -> nfa.Join(was, now)) counts next

                counts <- next

            for count in 0..top do
                if count >= least then
                    close counts[count]

            if others.Length > 0 then
                // Of all others one counts, since their names may be the same.
                let fewest = max 0 (least - 1)

                if isBounded then
                    let mutable hubs = []

                    for left in 0 .. flat.MaxProperties - 1 - fewest do
                        let hub = nfa.New()
                        close hub

                        match hubs with
                        | (next: int) :: _ ->
                            let filled = JsonPart.comma nfa hub

                            for pair in others do
                                nfa.Join(pair nfa filled, next)
                        | [] -> ()

                        hubs <- hub :: hubs

                    for count in fewest..top do
                        match hubs with
                        | hub :: rest ->
                            let place = after count counts[count]

                            for pair in others do
                                nfa.Join(pair nfa place, hub)

                            hubs <- rest
                        | [] -> ()
                else
                    for count in fewest..top do
                        let place = after count counts[count]

                        for pair in others do
                            nfa.Join(pair nfa place, counts[top])

            target
