namespace StreamCore.Protocol.Grammar

open System
open System.Collections.Generic
open System.Text
open System.Text.Json

/// From a schema to rules. Schemas that refer to others become rules of their own, made one after the other; all else is
/// written where it stands.
[<Sealed>]
type internal SchemaCompiler(scope: SchemaScope, rules: Rules, anyValue: Lazy<int>) =
    let budget = scope.Budget
    let known = Dictionary<string, int>()
    let waiting = Queue<struct (int * Raw list)>()

    let space = Fragment.optional (Fragment.byte ' 'B)
    let comma = Fragment.sequence [| Fragment.byte ','B; space |]
    let colon = Fragment.sequence [| Fragment.byte ':'B; space |]

    let ruleOf schemas =
        let key = scope.Key schemas
        let mutable rule = 0

        if not (known.TryGetValue(key, &rule)) then
            rule <- rules.Reserve()
            known.Add(key, rule)
            waiting.Enqueue(struct (rule, schemas))

        rule

    let anyString =
        lazy (Dfa.ofPart budget (Fragment.star (CodePoints.part Spelling.Json CodePoints.any)))

    let counted minimum maximum =
        Regex.Repeat(Regex.Character CodePoints.any, minimum, (if maximum = Int32.MaxValue then -1 else maximum))
        |> Regex.part Spelling.Json
        |> Dfa.ofPart budget

    /// A string whose inside one automaton reads: a rule, so that what may follow it does not multiply its states.
    let textRule (inside: Dfa) =
        let rule = rules.Reserve()
        rules.Define(rule, Dfa.ofPart budget (Fragment.sequence [| Dfa.toPart inside; Fragment.byte '"'B |]))
        Fragment.sequence [| Fragment.byte '"'B; rules.Call rule |]

    let text (flat: Flat) =
        match flat.Texts with
        | [] -> Fragment.sequence [| Fragment.byte '"'B; rules.Text(flat.MinLength, flat.MaxLength) |]
        | first :: others ->
            let inside = List.fold (Dfa.both budget) first others

            if flat.MinLength > 0 || flat.MaxLength < Int32.MaxValue then
                textRule (Dfa.both budget inside (counted flat.MinLength flat.MaxLength))
            else
                textRule inside

    let numbers = Dictionary<struct (Kinds * NumberRule), int>()

    let number (flat: Flat) =
        let kinds = flat.Kinds &&& Kinds.Number
        let mutable rule = 0

        if not (numbers.TryGetValue(struct (kinds, flat.Number), &rule)) then
            rule <- rules.Reserve()

            let texts =
                if kinds = Kinds.Fraction then
                    NumberRules.fractions budget flat.Number
                else
                    NumberRules.texts budget (kinds = Kinds.Integer) flat.Number

            rules.Define(rule, texts)
            numbers.Add(struct (kinds, flat.Number), rule)

        rules.Call rule

    /// A value as it will be written: compact, its strings escaped in the one way that patterns know.
    let rec written (out: StringBuilder) (value: JsonElement) =
        let text (it: string) =
            out.Append('"').Append(Encoding.UTF8.GetString(CodePoints.jsonText it)).Append('"')
            |> ignore

        match value.ValueKind with
        | JsonValueKind.String ->
            match value.GetString() with
            | null -> ()
            | it -> text it
        | JsonValueKind.Array ->
            let mutable mark = '['

            for item in value.EnumerateArray() do
                out.Append mark |> ignore
                written out item
                mark <- ','

            out.Append(if mark = '[' then "[]" else "]") |> ignore
        | JsonValueKind.Object ->
            let mutable mark = '{'

            for field in value.EnumerateObject() do
                out.Append mark |> ignore
                text field.Name
                out.Append ':' |> ignore
                written out field.Value
                mark <- ','

            out.Append(if mark = '{' then "{}" else "}") |> ignore
        | _ -> out.Append(value.GetRawText()) |> ignore

    let literal (value: JsonElement) =
        let out = StringBuilder()
        written out value
        Fragment.literal (Encoding.UTF8.GetBytes(out.ToString()))

    let keyText (name: string) =
        Fragment.sequence [|
            Fragment.byte '"'B
            Fragment.literal (CodePoints.jsonText name)
            Fragment.byte '"'B
        |]

    let namesOf (parts: ObjectPart list) =
        parts
        |> List.collect (fun part -> [ for struct (name, _) in part.Declared -> name ])
        |> List.distinct

    let schemasOf name (parts: ObjectPart list) =
        parts
        |> List.collect (fun part -> List.ofArray (ObjectPart.schemasOf name part))

    let areAnything (schemas: Raw list) =
        schemas |> List.forall _.IsAnything

    let rec value (schemas: Raw list) : Fragment.Part =
        if scope.Refers schemas then
            rules.Call(ruleOf schemas)
        else
            inPlace schemas

    and inPlace (schemas: Raw list) : Fragment.Part =
        if areAnything schemas then
            rules.Call(anyValue.Force())
        else
            Fragment.choice (scope.Branches schemas |> Array.map flatValue)

    /// The values of a schema that lists them.
    and valuesOf (flat: Flat) =
        flat.Values
        |> ValueOption.map (fun values ->
            // They need not be looked for among themselves.
            let own = { flat with Values = ValueNone }
            values |> Array.filter (fun it -> scope.Allows(own, it)))

    and flatValue (flat: Flat) : Fragment.Part =
        match valuesOf flat with
        | ValueSome values -> values |> Array.map literal |> Fragment.choice
        | ValueNone ->
            let has kinds = flat.Kinds &&& kinds <> Kinds.None

            Fragment.choice [|
                if has Kinds.Null then
                    Fragment.ascii "null"

                if has Kinds.Boolean then
                    Fragment.choice [| Fragment.ascii "true"; Fragment.ascii "false" |]

                if has Kinds.Number then
                    number flat

                if has Kinds.Text then
                    text flat

                if has Kinds.Array then
                    match flat.Unique with
                    | ValueSome raw when flat.MaxItems > 1 -> differentItems raw flat
                    | _ -> array flat

                if has Kinds.Object then
                    object flat
            |]

    /// An array whose items differ, where they are of few values: a state for each set of those written.
    and differentItems (raw: Raw) (flat: Flat) : Fragment.Part =
        let refuse () =
            SchemaRead.stop raw "'uniqueItems' is supported only where 'items' allows up to 8 values"

        if flat.Arrays |> List.exists (fun part -> part.Prefix.Length > 0) then
            refuse ()

        let listed (item: Flat) =
            match valuesOf item with
            | ValueSome values -> values
            | ValueNone when item.Kinds &&& ~~~(Kinds.Null ||| Kinds.Boolean) = Kinds.None ->
                SchemaNegate.constants |> Array.filter (fun it -> scope.Allows(item, it))
            | ValueNone -> refuse ()

        let isNew (known: ResizeArray<JsonElement>) it =
            not (known.Exists(fun other -> JsonElement.DeepEquals(other, it)))

        let values = ResizeArray<JsonElement>()

        for item in scope.Branches(flat.Arrays |> List.collect (fun part -> List.ofArray (ArrayPart.schemasAt 0 part))) do
            for it in listed item do
                if isNew values it then
                    values.Add it

        if values.Count > 8 then
            refuse ()

        fun nfa from ->
            let target = nfa.New()
            let sets = Array.init (1 <<< values.Count) (fun _ -> nfa.New())
            nfa.Join(Fragment.byte '['B nfa from, sets[0])

            for set in 0 .. sets.Length - 1 do
                let count = System.Numerics.BitOperations.PopCount(uint32 set)

                if count >= flat.MinItems then
                    nfa.Edge(sets[set], int ']', int ']', target)

                if count < flat.MaxItems then
                    let next = if set = 0 then sets[0] else comma nfa sets[set]

                    for index in 0 .. values.Count - 1 do
                        if set &&& (1 <<< index) = 0 then
                            nfa.Join(literal values[index] nfa next, sets[set ||| (1 <<< index)])

            target

    /// `[`, the items with a place of their own, then the others up to `maxItems`, `]`.
    and array (flat: Flat) : Fragment.Part =
        let prefix =
            flat.Arrays |> List.fold (fun most part -> max most part.Prefix.Length) 0

        let schemasAt index =
            flat.Arrays
            |> List.collect (fun part -> List.ofArray (ArrayPart.schemasAt index part))

        // Without `items`, an array with a prefix ends after it: what is left out is not written.
        let endsAfterPrefix =
            prefix > 0
            && flat.MinItems <= prefix
            && flat.Arrays |> List.forall (fun part -> part.Items.IsNone)

        let most =
            if endsAfterPrefix then
                min prefix flat.MaxItems
            else
                flat.MaxItems

        fun nfa from ->
            let target = nfa.New()
            let closing = nfa.New()
            nfa.Edge(closing, int ']', int ']', target)
            let mutable at = Fragment.byte '['B nfa from
            let mutable index = 0
            let rest = lazy (repeatable (schemasAt prefix))

            let item () =
                if index < prefix then
                    value (schemasAt index)
                else
                    rest.Force()

            // One by one as long as places differ.
            while index < most
                  && (index < prefix || index < flat.MinItems || (most < Int32.MaxValue)) do
                if index >= flat.MinItems then
                    nfa.Join(at, closing)

                if index > 0 then
                    at <- comma nfa at

                at <- item () nfa at
                index <- index + 1

            if most < Int32.MaxValue then
                (if index >= flat.MinItems then
                     nfa.Join(at, closing))
            elif index = 0 then
                nfa.Join(at, closing)
                let first = rest.Force () nfa at
                nfa.Join(Fragment.star (Fragment.sequence [| comma; rest.Force() |]) nfa first, closing)
            else
                nfa.Join(Fragment.star (Fragment.sequence [| comma; rest.Force() |]) nfa at, closing)

            target

    /// An item that is written at several places: a rule, so that it is made once.
    and repeatable schemas : Fragment.Part =
        if areAnything schemas then
            rules.Call(anyValue.Force())
        else
            rules.Call(ruleOf schemas)

    /// `{`, the properties in their order, then others, `}`. How many have been written is told apart as far as it matters.
    and object (flat: Flat) : Fragment.Part =
        let declared = namesOf flat.Objects

        let named = declared.Length + flat.Required.Length + flat.Forbidden.Length
        budget.Compare(named, named)

        let undeclared =
            flat.Required |> List.filter (fun name -> not (List.contains name declared))

        let properties = [|
            for name in declared @ undeclared do
                if not (List.contains name flat.Forbidden) then
                    struct (name, List.contains name flat.Required)
        |]

        let others =
            if ObjectPart.isOpen flat.Objects then
                otherProperties flat.Objects (declared @ undeclared @ flat.Forbidden)
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
            flat.MaxProperties < (if others.Length > 0 then Int32.MaxValue else properties.Length)

        // Counts up to here; the last is that many or more, where there is no bound.
        let top =
            if isBounded then
                min flat.MaxProperties properties.Length
            else
                min (max least 1) (properties.Length + 1)

        fun nfa from ->
            let target = nfa.New()
            let close state = nfa.Edge(state, int '}', int '}', target)
            let after count state = if count = 0 then state else comma nfa state
            let mutable counts = Array.init (top + 1) (fun _ -> nfa.New())
            nfa.Join(Fragment.byte '{'B nfa from, counts[0])

            for struct (name, isRequired) in properties do
                let schemas = schemasOf name flat.Objects
                let next = Array.init (top + 1) (fun _ -> nfa.New())

                for count in 1..top do
                    let inside = nfa.New()
                    nfa.Join(keyText name nfa (after (count - 1) counts[count - 1]), inside)

                    if count = top && not isBounded then
                        nfa.Join(keyText name nfa (comma nfa counts[top]), inside)

                    let written = if top = 1 then value schemas else repeatable schemas
                    nfa.Join(written nfa (colon nfa inside), next[count])

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
                            let filled = comma nfa hub

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

    /// Key and value of properties that no schema names: one part for each pattern, and one for what no pattern fits.
    and otherProperties (parts: ObjectPart list) (names: string list) : Fragment.Part[] =
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
            Fragment.sequence [| key; colon; repeatable schemas |]

        let outside =
            if patterns.Length = 0 && names.IsEmpty then
                Fragment.sequence [| Fragment.byte '"'B; rules.Text(0, Int32.MaxValue) |]
            else
                patterns
                |> Array.fold
                    (fun left (struct (dfa, _)) -> Dfa.without budget left dfa)
                    (withoutNames (anyString.Force()))
                |> textRule

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

                pair (textRule (withoutNames dfa)) (raw :: also)

            if allowsOutside && not (rest |> List.exists _.IsNothing) then
                pair outside rest
        |]

    /// The rule of a schema.
    member _.Rule(schema: Raw) =
        let rule = ruleOf [ schema ]

        while waiting.Count > 0 do
            let struct (next, schemas) = waiting.Dequeue()
            rules.Define(next, Dfa.ofPart budget (inPlace schemas))

        rule
