namespace StreamCore.Protocol.Grammar

open System
open System.Numerics
open System.Text.Json

/// How the schemas inside of another are written.
[<NoComparison; NoEquality>]
type internal Writing = {
    Value: Raw list -> Fragment.Part
    /// For what is written at several places: a rule, so that it is made once.
    Repeatable: Raw list -> Fragment.Part
}

/// Arrays.
[<RequireQualifiedAccess>]
module internal SchemaArray =
    /// An array whose items differ, where they are of few values: a state for each set of those written.
    let different (scope: SchemaScope) valuesOf (raw: Raw) (flat: Flat) : Fragment.Part =
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

        for item in
            scope.Branches(
                flat.Arrays
                |> List.collect (fun part -> List.ofArray (ArrayPart.schemasAt 0 part))
            ) do
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
                let count = BitOperations.PopCount(uint32 set)

                if count >= flat.MinItems then
                    nfa.Edge(sets[set], int ']', int ']', target)

                if count < flat.MaxItems then
                    let next = if set = 0 then sets[0] else JsonPart.comma nfa sets[set]

                    for index in 0 .. values.Count - 1 do
                        if set &&& (1 <<< index) = 0 then
                            nfa.Join(JsonPart.literal values[index] nfa next, sets[set ||| (1 <<< index)])

            target

    /// `[`, the items with a place of their own, then the others up to `maxItems`, `]`.
    let part (write: Writing) (flat: Flat) : Fragment.Part =
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
            let rest = lazy (write.Repeatable(schemasAt prefix))

            let item () =
                if index < prefix then
                    write.Value(schemasAt index)
                else
                    rest.Force()

            // One by one as long as places differ.
            while index < most
                  && (index < prefix || index < flat.MinItems || (most < Int32.MaxValue)) do
                if index >= flat.MinItems then
                    nfa.Join(at, closing)

                if index > 0 then
                    at <- JsonPart.comma nfa at

                at <- item () nfa at
                index <- index + 1

            if most < Int32.MaxValue then
                (if index >= flat.MinItems then
                     nfa.Join(at, closing))
            elif index = 0 then
                nfa.Join(at, closing)
                let first = rest.Force () nfa at
                nfa.Join(Fragment.star (Fragment.sequence [| JsonPart.comma; rest.Force() |]) nfa first, closing)
            else
                nfa.Join(Fragment.star (Fragment.sequence [| JsonPart.comma; rest.Force() |]) nfa at, closing)

            target
