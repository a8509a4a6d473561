namespace StreamCore.Protocol.Grammar

open System
open System.Collections.Generic
open System.Text.Json

/// One root schema: follows references, and turns combinations into a choice of flat schemas.
[<Sealed>]
type internal SchemaScope(root: JsonElement, budget: Budget) =
    let places = SchemaPlaces(root, budget)

    /// References and parts of `allOf` that one schema may gather.
    let maxGathered = 256

    /// Flat schemas of one place.
    let maxBranches = 1024

    let known = Dictionary<string, Flat[]>()

    /// What is being looked up now: to compare alternatives may ask for the schema that holds them.
    let begun = HashSet<string>()

    let add (flat: Flat) (into: ResizeArray<Flat>) =
        let flat = Flat.possible flat

        if flat.Kinds <> Kinds.None then
            if into.Count >= maxBranches then
                GrammarFault.Stop "its combinations allow too many alternatives at one place"

            into.Add flat

    /// The flat schemas of what is left to gather, beside `flat`. `seen` are the references followed on the way here.
    let rec gather (pending: Raw list) (seen: Set<string>) (flat: Flat) (into: ResizeArray<Flat>) =
        budget.Work 1

        match pending with
        | [] -> add flat into
        | raw :: rest when raw.IsNegated ->
            for one in negated raw flat do
                gather rest seen one into
        | raw :: rest ->
            match raw.Value.ValueKind with
            | JsonValueKind.True -> gather rest seen flat into
            | JsonValueKind.False -> ()
            | JsonValueKind.Object ->
                let merged = SchemaRead.merge budget raw flat

                if merged.Kinds <> Kinds.None then
                    gatherConditions raw rest seen merged into
            | _ -> SchemaRead.stop raw "a schema must be an object or a boolean"

    /// What the flat schema allows and the negated one too.
    and negated raw flat =
        let mutable left = ResizeArray [ flat ]

        for branch in branches [ { raw with IsNegated = false } ] do
            let others = SchemaNegate.alternatives budget raw branch
            let both = ResizeArray<Flat>()

            for one in left do
                for other in others do
                    add (Flat.meet budget one other) both

            left <- both

        left

    /// `not`, and each way through `if`, `then` and `else`.
    and gatherConditions raw rest seen flat into =
        let negation (one: Raw) = { one with IsNegated = true }

        let pending =
            match places.Part(raw, "not") with
            | ValueSome one -> rest @ [ negation one ]
            | ValueNone -> rest

        let after = ValueOption.toList (places.Part(raw, "then"))
        let otherwise = ValueOption.toList (places.Part(raw, "else"))

        match places.Part(raw, "if") with
        | ValueSome condition when not (after.IsEmpty && otherwise.IsEmpty) ->
            gatherCombined raw (condition :: after @ pending) seen flat into
            gatherCombined raw (negation condition :: otherwise @ pending) seen flat into
        | _ -> gatherCombined raw pending seen flat into

    and gatherCombined raw rest seen flat into =
        let parts = places.Listed(raw, "allOf")
        let pending = parts @ rest

        let pending, seen =
            match places.Reference raw with
            | ValueNone -> pending, seen
            | ValueSome target ->
                let name = places.Key [ target ]

                if seen.Contains name then
                    SchemaRead.stop raw "'$ref' leads back to itself"

                target :: pending, seen.Add name

        if seen.Count > maxGathered || List.length pending > maxGathered then
            SchemaRead.stop raw "too many references lead from one to the next"

        match places.Listed(raw, "anyOf"), places.Listed(raw, "oneOf") with
        | [], [] -> gather pending seen flat into
        | any, [] -> gatherEach any pending seen flat into
        | [], one -> gatherOne raw one pending seen flat into
        | _ -> SchemaRead.stop raw "'anyOf' beside 'oneOf' is not supported"

    and gatherEach alternatives pending seen flat into =
        for one in alternatives do
            gather (one :: pending) seen flat into

    /// `oneOf` is a choice where no two alternatives have a value in common.
    and gatherOne raw alternatives pending seen flat into =
        let branches =
            alternatives
            |> List.map (fun one ->
                let found = ResizeArray<Flat>()
                gather (one :: pending) seen flat found
                found.ToArray())
            |> List.toArray

        for first in 0 .. branches.Length - 1 do
            for second in first + 1 .. branches.Length - 1 do
                for a in branches[first] do
                    for b in branches[second] do
                        if not (areApart 3 a b) then
                            SchemaRead.stop raw "'oneOf' is supported only where its alternatives exclude each other"

        Seq.iter into.Add (Seq.concat branches)

    /// Whether no value is valid against both, as far as it shows within so many levels.
    and areApart (depth: int) (a: Flat) (b: Flat) : bool =
        budget.Work 8
        let shared = a.Kinds &&& b.Kinds

        let onValues =
            match a.Values, b.Values with
            | ValueSome left, ValueSome right ->
                budget.Compare(left.Length, right.Length)

                left
                |> Array.forall (fun x -> right |> Array.forall (fun y -> not (JsonElement.DeepEquals(x, y))))
            | ValueSome values, ValueNone -> values |> Array.forall (fun it -> not (allows b it))
            | ValueNone, ValueSome values -> values |> Array.forall (fun it -> not (allows a it))
            | ValueNone, ValueNone -> false

        shared = Kinds.None
        || onValues
        || (shared &&& ~~~Kinds.Number = Kinds.None
            && (areRangesApart a b || areRangesApart b a))
        || (shared = Kinds.Object && depth > 0 && arePropertiesApart depth a b)

    and areRangesApart (a: Flat) (b: Flat) =
        match a.Number.Upper, b.Number.Lower with
        | ValueSome upper, ValueSome lower ->
            let order = compare upper.Limit lower.Limit
            order < 0 || (order = 0 && (upper.IsExclusive || lower.IsExclusive))
        | _ -> false

    /// A property that both require and of which no value suits both, or that one requires and the other never has.
    and arePropertiesApart depth a b =
        let schemas name (flat: Flat) =
            flat.Objects
            |> List.collect (fun part -> List.ofArray (ObjectPart.schemasOf name part))

        let tryBranches name flat =
            let schemas = schemas name flat

            if begun.Contains(places.Key schemas) then
                ValueNone
            else
                ValueSome(branches schemas)

        let isNever name flat =
            List.contains name flat.Forbidden
            || match tryBranches name flat with
               | ValueSome none -> none.Length = 0
               | ValueNone -> false

        let areDifferent name =
            match tryBranches name a, tryBranches name b with
            | ValueSome left, ValueSome right ->
                Array.forall (fun x -> Array.forall (areApart (depth - 1) x) right) left
            | _ -> false

        let onRequired name =
            if List.contains name b.Required then
                areDifferent name
            else
                isNever name b

        List.exists onRequired a.Required
        || b.Required |> List.exists (fun name -> isNever name a)

    /// The choice of flat schemas that all of these together amount to.
    and branches (schemas: Raw list) : Flat[] =
        let name = places.Key schemas
        let mutable found = Array.empty

        if not (known.TryGetValue(name, &found)) then
            if not (begun.Add name) then
                GrammarFault.Stop "its alternatives cannot be told apart"

            let into = ResizeArray<Flat>()
            gather schemas Set.empty Flat.Any into
            found <- into.ToArray()
            begun.Remove name |> ignore
            known[name] <- found

        found

    /// Whether the flat schema allows the value.
    and allows (flat: Flat) (value: JsonElement) : bool =
        budget.Work 4

        let isListed =
            match flat.Values with
            | ValueNone -> true
            | ValueSome values -> values |> Array.exists (fun it -> JsonElement.DeepEquals(it, value))

        isListed
        && match value.ValueKind with
           | JsonValueKind.Null -> flat.Kinds.HasFlag Kinds.Null
           | JsonValueKind.True
           | JsonValueKind.False -> flat.Kinds.HasFlag Kinds.Boolean
           | JsonValueKind.Number -> allowsNumber flat value
           | JsonValueKind.String -> flat.Kinds.HasFlag Kinds.Text && allowsText flat value
           | JsonValueKind.Array -> flat.Kinds.HasFlag Kinds.Array && allowsItems flat value
           | _ -> flat.Kinds.HasFlag Kinds.Object && allowsProperties flat value

    and allowsNumber flat value =
        match ExactNumber.tryRead value with
        | ValueNone -> GrammarFault.Stop "a number in it has too many digits"
        | ValueSome number ->
            let above (bound: Bound) =
                let order = compare number bound.Limit
                order > 0 || (order = 0 && not bound.IsExclusive)

            let below (bound: Bound) =
                let order = compare number bound.Limit
                order < 0 || (order = 0 && not bound.IsExclusive)

            let isMultiple (one: ExactNumber) =
                let scale = max number.Scale one.Scale
                (number.UnitsAt scale % one.UnitsAt scale).IsZero

            flat.Kinds.HasFlag(if number.Scale = 0 then Kinds.Integer else Kinds.Fraction)
            && (flat.Number.Lower.IsNone || above flat.Number.Lower.Value)
            && (flat.Number.Upper.IsNone || below flat.Number.Upper.Value)
            && List.forall isMultiple flat.Number.Multiples

    and allowsText flat value =
        match value.GetString() with
        | null -> false
        | text ->
            let length = Seq.length (text.EnumerateRunes())
            let written = CodePoints.jsonText text
            budget.Work written.Length

            length >= flat.MinLength
            && length <= flat.MaxLength
            && flat.Texts |> List.forall (fun dfa -> Dfa.accepts dfa written)

    and areDifferent (list: JsonElement) =
        let items = Seq.toArray (list.EnumerateArray())
        budget.Compare(items.Length, items.Length)

        items
        |> Seq.indexed
        |> Seq.forall (fun (index, it) ->
            items[.. index - 1]
            |> Array.forall (fun other -> not (JsonElement.DeepEquals(it, other))))

    and allowsItems flat value =
        let count = value.GetArrayLength()

        let allowsItem index item =
            flat.Arrays
            |> List.collect (fun part -> List.ofArray (ArrayPart.schemasAt index part))
            |> fun schemas -> satisfies schemas item

        count >= flat.MinItems
        && count <= flat.MaxItems
        && Seq.forall2 allowsItem (seq { 0 .. count - 1 }) (value.EnumerateArray())
        && (flat.Unique.IsNone || areDifferent value)

    and allowsProperties flat value =
        let names = List.distinct [ for field in value.EnumerateObject() -> field.Name ]

        let allowsProperty (name: string) =
            flat.Objects
            |> List.collect (fun part -> List.ofArray (ObjectPart.schemasOf name part))
            |> fun schemas -> satisfies schemas (value.GetProperty name)

        flat.Required |> List.forall (fun name -> List.contains name names)
        && not (flat.Forbidden |> List.exists (fun name -> List.contains name names))
        && names.Length >= flat.MinProperties
        && names.Length <= flat.MaxProperties
        && List.forall allowsProperty names

    /// Whether the value is valid against all of these.
    and satisfies (schemas: Raw list) (value: JsonElement) =
        branches schemas |> Array.exists (fun flat -> allows flat value)

    member _.Budget = budget
    member _.Places = places
    member _.Branches schemas = branches schemas
    member _.Allows(flat, value) = allows flat value
