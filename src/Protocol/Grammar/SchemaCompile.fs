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

    let numbers = Dictionary<struct (bool * NumberRule), int>()

    let number (flat: Flat) =
        let isInteger = not (flat.Kinds.HasFlag Kinds.Fraction)
        let mutable rule = 0

        if not (numbers.TryGetValue(struct (isInteger, flat.Number), &rule)) then
            rule <- rules.Reserve()
            rules.Define(rule, NumberRules.texts budget isInteger flat.Number)
            numbers.Add(struct (isInteger, flat.Number), rule)

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

    let rec value (schemas: Raw list) : Fragment.Part =
        if scope.Refers schemas then
            rules.Call(ruleOf schemas)
        else
            inPlace schemas

    and inPlace (schemas: Raw list) : Fragment.Part =
        if isAnything schemas then
            rules.Call(anyValue.Force())
        else
            Fragment.choice (scope.Branches schemas |> Array.map flatValue)

    and isAnything schemas =
        schemas
        |> List.forall (fun raw ->
            raw.Value.ValueKind = JsonValueKind.True
            || (raw.Value.ValueKind = JsonValueKind.Object
                && Seq.isEmpty (raw.Value.EnumerateObject())))

    and flatValue (flat: Flat) : Fragment.Part =
        match flat.Values with
        | ValueSome values ->
            // They need not be looked for among themselves.
            let own = { flat with Values = ValueNone }

            values
            |> Array.filter (fun it -> scope.Allows(own, it))
            |> Array.map literal
            |> Fragment.choice
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
                    array flat

                if has Kinds.Object then
                    object flat
            |]

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
        if isAnything schemas then
            rules.Call(anyValue.Force())
        else
            rules.Call(ruleOf schemas)

    and object (flat: Flat) : Fragment.Part =
        let declared = namesOf flat.Objects

        let named = declared.Length + flat.Required.Length
        budget.Compare(named, named)

        let undeclared =
            flat.Required |> List.filter (fun name -> not (List.contains name declared))

        let properties = [|
            for name in declared @ undeclared -> struct (name, List.contains name flat.Required)
        |]

        let others =
            if ObjectPart.isOpen flat.Objects then
                otherProperties flat.Objects (declared @ undeclared)
            else
                [||]

        fun nfa from ->
            let target = nfa.New()
            // Where nothing was written yet, and where something was: they differ in the comma.
            let mutable empty = Fragment.byte '{'B nfa from
            let mutable filled = nfa.New()

            for struct (name, isRequired) in properties do
                let inside = nfa.New()
                nfa.Join(keyText name nfa empty, inside)
                nfa.Join(keyText name nfa (comma nfa filled), inside)
                let after = nfa.New()
                nfa.Join(value (schemasOf name flat.Objects) nfa (colon nfa inside), after)
                let nextEmpty = nfa.New()

                if not isRequired then
                    nfa.Join(empty, nextEmpty)
                    nfa.Join(filled, after)

                empty <- nextEmpty
                filled <- after

            for pair in others do
                let hub = filled
                let next = nfa.New()
                nfa.Join(pair nfa empty, next)
                nfa.Join(pair nfa (comma nfa hub), next)
                // Further ones of any sort may follow.
                nfa.Join(next, hub)

            nfa.Edge(empty, int '}', int '}', target)
            nfa.Edge(filled, int '}', int '}', target)
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

            if
                allowsOutside
                && not (rest |> List.exists (fun raw -> raw.Value.ValueKind = JsonValueKind.False))
            then
                pair outside rest
        |]

    /// The rule of a schema.
    member _.Rule(schema: Raw) =
        let rule = ruleOf [ schema ]

        while waiting.Count > 0 do
            let struct (next, schemas) = waiting.Dequeue()
            rules.Define(next, Dfa.ofPart budget (inPlace schemas))

        rule
