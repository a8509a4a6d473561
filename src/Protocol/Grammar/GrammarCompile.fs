namespace StreamCore.Protocol.Grammar

open System
open System.Text.Json
open StreamCore.Protocol

/// From a description to tables.
[<Sealed>]
type internal GrammarCompiler(limits: GrammarLimits) =
    let budget = Budget limits
    let rules = Rules budget

    do rules.Define(rules.Reserve(), TextRule.dfa budget)

    let anyText =
        Fragment.sequence [| Fragment.byte '"'B; rules.Text(0, Int32.MaxValue) |]

    let listed opening (item: Fragment.Part) closing =
        Fragment.sequence [|
            Fragment.byte opening
            Fragment.optional (
                Fragment.sequence [| item; Fragment.star (Fragment.sequence [| JsonPart.comma; item |]) |]
            )
            Fragment.byte closing
        |]

    let objectOf value =
        let pair = Fragment.sequence [| anyText; JsonPart.colon; value |]
        listed '{'B pair '}'B

    /// Any JSON value.
    let anyValue =
        lazy
            (let rule = rules.Reserve()
             let value = rules.Call rule

             let part =
                 Fragment.choice [|
                     Fragment.ascii "null"
                     Fragment.ascii "true"
                     Fragment.ascii "false"
                     Dfa.toPart (NumberRules.texts budget false NumberRule.Any)
                     anyText
                     listed '['B value ']'B
                     objectOf value
                 |]

             rules.Define(rule, Dfa.ofPart budget part)
             rule)

    /// Reads bytes and knows how much of the trigger the last of them are (Knuth, Morris and Pratt). State n is the trigger itself.
    let search (trigger: byte[]) : Dfa =
        let count = trigger.Length + 1
        let next = Array.create (count * 256) 0
        next[int trigger[0]] <- 1
        let mutable fallback = 0

        for state in 1 .. trigger.Length - 1 do
            Array.blit next (fallback * 256) next (state * 256) 256
            next[state * 256 + int trigger[state]] <- state + 1
            fallback <- next[fallback * 256 + int trigger[state]]

        Array.fill next (trigger.Length * 256) 256 -1

        {
            Next = next
            Accepts = Array.init count (fun state -> state = trigger.Length)
            Calls = Array.create count [||]
        }

    let anyUtf8 =
        lazy (Dfa.ofPart budget (Fragment.star (CodePoints.part Spelling.Plain CodePoints.any)))

    /// Any bytes, of which the first that is no white space is none of these.
    let beginning (notFirst: byte[]) : Dfa =
        let next = Array.create 512 1

        for space in " \n\r\t"B do
            next[int space] <- 0

        for value in notFirst do
            next[int value] <- -1

        {
            Next = next
            Accepts = [| true; true |]
            Calls = Array.create 2 [||]
        }

    let utf8 notFirst =
        if Array.isEmpty notFirst then
            anyUtf8.Force()
        else
            Dfa.both budget (anyUtf8.Force()) (beginning notFirst)

    let until trigger notFirst =
        Dfa.both budget (utf8 notFirst) (search trigger)

    let without trigger notFirst =
        if Array.isEmpty trigger then
            utf8 notFirst
        else
            let found = search trigger
            let last = trigger.Length

            Dfa.both budget (utf8 notFirst) {
                found with
                    Next = found.Next |> Array.map (fun target -> if target = last then -1 else target)
                    Accepts = found.Accepts |> Array.map not
            }

    let pattern (text: string) =
        Dfa.toPart (Dfa.ofPart budget (Regex.part Spelling.Plain (Regex.whole (RegexParse.read text))))

    let rec isDeeper (levels: int) (value: JsonElement) =
        levels = 0
        || match value.ValueKind with
           | JsonValueKind.Array -> value.EnumerateArray() |> Seq.exists (isDeeper (levels - 1))
           | JsonValueKind.Object ->
               value.EnumerateObject()
               |> Seq.exists (fun field -> isDeeper (levels - 1) field.Value)
           | _ -> false

    let schema value =
        // Schemas are read by recursion.
        if isDeeper 128 value then
            GrammarFault.Stop "it is nested too deeply"

        let scope = SchemaScope(value, budget)
        rules.Call(SchemaCompiler(scope, rules, anyValue).Rule scope.Places.Root)

    let context (place: string[]) =
        let quoted = place |> Array.map Shown.quoted

        match quoted with
        | [| one |] -> String.concat "" [ "("; one; ",)" ]
        | several -> String.concat "" [ "("; String.concat ", " several; ")" ]

    /// How a fault inside of a part is told: by whoever brought the part.
    let mutable tell =
        fun (fault: GrammarFault) ->
            ApiError.InvalidRequest(
                null,
                String.concat "" [ "The grammar cannot be compiled: "; fault.Reason; "." ],
                null
            )

    let rec part (node: GrammarNode) : Fragment.Part =
        match node with
        | GrammarNode.Literal bytes -> Fragment.literal bytes
        | GrammarNode.AnyObject -> objectOf (rules.Call(anyValue.Force()))
        | GrammarNode.Sequence nodes -> Fragment.sequence (Array.map part nodes)
        | GrammarNode.Choice nodes -> Fragment.choice (Array.map part nodes)
        | GrammarNode.Repeat(node, minimum, maximum) -> Fragment.repeat minimum maximum (part node)
        | GrammarNode.TextUntil(trigger, notFirst) -> Dfa.toPart (until trigger notFirst)
        | GrammarNode.TextWithout(trigger, notFirst) -> Dfa.toPart (without trigger notFirst)
        | GrammarNode.Pattern(text, param) ->
            tell <-
                fun fault ->
                    ApiError.InvalidRequest(
                        param,
                        String.concat "" [ "Invalid '"; param; "': "; fault.Reason; "." ],
                        null
                    )

            pattern text
        | GrammarNode.Schema(value, owner, param) ->
            tell <-
                fun fault ->
                    let message =
                        String.concat "" [
                            "Invalid schema for "
                            owner
                            ": In context="
                            context fault.Place
                            ", "
                            fault.Reason
                            "."
                        ]

                    ApiError.InvalidRequest(param, message, null)

            schema value

    member _.Compile(spec: GrammarSpec) : Result<GrammarTables, ApiError> =
        try
            let whole = part spec.Node
            let root = rules.Reserve()
            rules.Define(root, Dfa.ofPart budget whole)
            Ok(Packing.tables rules root)
        with :? GrammarFault as fault ->
            Error(tell fault)
