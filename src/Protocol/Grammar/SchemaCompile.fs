namespace StreamCore.Protocol.Grammar

open System
open System.Collections.Generic

/// From a schema to rules. Schemas that refer to others become rules of their own, made one after the other; all else is
/// written where it stands.
[<Sealed>]
type internal SchemaCompiler(scope: SchemaScope, rules: Rules, anyValue: Lazy<int>) =
    let budget = scope.Budget
    let known = Dictionary<string, int>()
    let waiting = Queue<struct (int * Raw list)>()

    let ruleOf schemas =
        let key = scope.Places.Key schemas
        let mutable rule = 0

        if not (known.TryGetValue(key, &rule)) then
            rule <- rules.Reserve()
            known.Add(key, rule)
            waiting.Enqueue(struct (rule, schemas))

        rule

    let counted minimum maximum =
        Regex.Repeat(Regex.Character CodePoints.any, minimum, (if maximum = Int32.MaxValue then -1 else maximum))
        |> Regex.part Spelling.Json
        |> Dfa.ofPart budget

    let text (flat: Flat) =
        match flat.Texts with
        | [] -> Fragment.sequence [| Fragment.byte '"'B; rules.Text(flat.MinLength, flat.MaxLength) |]
        | first :: others ->
            let inside = List.fold (Dfa.both budget) first others

            if flat.MinLength > 0 || flat.MaxLength < Int32.MaxValue then
                JsonPart.text rules (Dfa.both budget inside (counted flat.MinLength flat.MaxLength))
            else
                JsonPart.text rules inside

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

    let areAnything (schemas: Raw list) = schemas |> List.forall _.IsAnything

    /// The values of a schema that lists them.
    let valuesOf (flat: Flat) =
        flat.Values
        |> ValueOption.map (fun values ->
            // They need not be looked for among themselves.
            let own = { flat with Values = ValueNone }
            values |> Array.filter (fun it -> scope.Allows(own, it)))

    let rec value (schemas: Raw list) : Fragment.Part =
        if List.exists scope.Places.Refers schemas then
            rules.Call(ruleOf schemas)
        else
            inPlace schemas

    and inPlace (schemas: Raw list) : Fragment.Part =
        if areAnything schemas then
            rules.Call(anyValue.Force())
        else
            Fragment.choice (scope.Branches schemas |> Array.map flatValue)

    and writing () = {
        Value = value
        Repeatable = repeatable
    }

    and flatValue (flat: Flat) : Fragment.Part =
        match valuesOf flat with
        | ValueSome values -> values |> Array.map JsonPart.literal |> Fragment.choice
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
                    | ValueSome raw when flat.MaxItems > 1 -> SchemaArray.different scope valuesOf raw flat
                    | _ -> SchemaArray.part (writing ()) flat

                if has Kinds.Object then
                    SchemaObject.part rules (writing ()) flat
            |]

    /// An item that is written at several places: a rule, so that it is made once.
    and repeatable schemas : Fragment.Part =
        if areAnything schemas then
            rules.Call(anyValue.Force())
        else
            rules.Call(ruleOf schemas)

    /// The rule of a schema.
    member _.Rule(schema: Raw) =
        let rule = ruleOf [ schema ]

        while waiting.Count > 0 do
            let struct (next, schemas) = waiting.Dequeue()
            rules.Define(next, Dfa.ofPart budget (inPlace schemas))

        rule
