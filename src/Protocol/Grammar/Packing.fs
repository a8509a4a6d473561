namespace StreamCore.Protocol.Grammar

open System
open System.Collections.Generic

/// All rules' automata as one, before classes are known.
[<NoComparison; NoEquality>]
type internal Joined = {
    /// 256 for each state.
    Next: int[]
    Accepts: bool[]
    /// `Return` is a state; `Symbol` as in the rules.
    Calls: CallEdge[][]
    /// Where each rule begins.
    Starts: int[]
}

/// From finished rules to tables: dead ends are cut off, bytes that are alike become classes.
[<RequireQualifiedAccess>]
module internal Packing =
    [<Literal>]
    let private Never = 255uy

    let private join (rules: Dfa[]) =
        let starts = rules |> Array.scan (fun total dfa -> total + dfa.Count) 0

        let shift rule target =
            if target < 0 then -1 else target + starts[rule]

        {
            Next =
                rules
                |> Array.mapi (fun rule dfa -> Array.map (shift rule) dfa.Next)
                |> Array.concat
            Accepts = rules |> Array.map _.Accepts |> Array.concat
            Calls =
                rules
                |> Array.mapi (fun rule dfa ->
                    dfa.Calls
                    |> Array.map (
                        Array.map (fun call -> {
                            call with
                                Return = shift rule call.Return
                        })
                    ))
                |> Array.concat
            Starts = starts
        }

    /// The states that lead to each state by a byte.
    let private sources (joined: Joined) =
        let from = Array.init joined.Accepts.Length (fun _ -> ResizeArray<int>(0))

        for state in 0 .. joined.Accepts.Length - 1 do
            let mutable last = -1

            for value in 0..255 do
                let target = joined.Next[state * 256 + value]

                if target >= 0 && target <> last then
                    from[target].Add state
                    last <- target

        from

    /// For each state how many calls must be open at once to end its rule: level by level, backwards from the ends.
    let private needs (budget: Budget) (symbols: Symbol[]) (joined: Joined) =
        let count = joined.Accepts.Length
        let needs = Array.create count Never
        let from = sources joined
        let waiting = Queue<int>()

        let settle level state =
            if needs[state] = Never then
                needs[state] <- level
                waiting.Enqueue state

        let callers = [|
            for state in 0 .. count - 1 do
                for call in joined.Calls[state] do
                    struct (state, joined.Starts[symbols[call.Symbol].Rule], call.Return)
        |]

        for state in 0 .. count - 1 do
            if joined.Accepts[state] then
                settle 0uy state

        for level in 0 .. min budget.MaxNesting 254 do
            let mutable isMoving = true

            while isMoving do
                while waiting.Count > 0 do
                    budget.Work 1

                    for source in from[waiting.Dequeue()] do
                        settle (byte level) source

                if level > 0 then
                    budget.Work callers.Length

                    for struct (state, start, ending) in callers do
                        if int needs[start] < level && int needs[ending] <= level then
                            settle (byte level) state

                isMoving <- waiting.Count > 0

        needs

    /// Edges into states that never end are cut.
    let private prune (symbols: Symbol[]) (needs: byte[]) (joined: Joined) = {
        joined with
            Next =
                joined.Next
                |> Array.map (fun target -> if target >= 0 && needs[target] = Never then -1 else target)
            Calls =
                joined.Calls
                |> Array.map (
                    Array.filter (fun call ->
                        needs[joined.Starts[symbols[call.Symbol].Rule]] <> Never
                        && needs[call.Return] <> Never)
                )
    }

    /// Bytes that lead to the same state from every state are one class.
    let private classes (joined: Joined) =
        let mutable classOf = Array.zeroCreate<int> 256
        let mutable count = 1

        for state in 0 .. joined.Accepts.Length - 1 do
            let row = ReadOnlySpan(joined.Next, state * 256, 256)
            let known = Dictionary<struct (int * int), int>()
            let finer = Array.zeroCreate<int> 256

            for value in 0..255 do
                let pair = struct (classOf[value], row[value])
                let mutable id = 0

                if not (known.TryGetValue(pair, &id)) then
                    id <- known.Count
                    known.Add(pair, id)

                finer[value] <- id

            classOf <- finer
            count <- known.Count

        struct (Array.map byte classOf, count)

    let private begins (symbols: Symbol[]) (joined: Joined) count (next: int[]) =
        let begins = next |> Array.map (fun target -> target >= 0)
        let mutable isMoving = true

        while isMoving do
            isMoving <- false

            for state in 0 .. joined.Accepts.Length - 1 do
                for call in joined.Calls[state] do
                    let start = joined.Starts[symbols[call.Symbol].Rule]

                    for one in 0 .. count - 1 do
                        if begins[start * count + one] && not begins[state * count + one] then
                            begins[state * count + one] <- true
                            isMoving <- true

        begins

    /// The bytes on edges that can be reached.
    let private usedBytes (symbols: Symbol[]) (joined: Joined) start =
        let used = Array.zeroCreate<bool> 256
        let seen = HashSet<int>()
        let waiting = Stack<int>()

        let visit state =
            if seen.Add state then
                waiting.Push state

        visit start

        while waiting.Count > 0 do
            let state = waiting.Pop()

            for value in 0..255 do
                let target = joined.Next[state * 256 + value]

                if target >= 0 then
                    used[value] <- true
                    visit target

            for call in joined.Calls[state] do
                visit joined.Starts[symbols[call.Symbol].Rule]
                visit call.Return

        used

    /// The tables of a grammar that begins with this rule. Rule 0 is that of strings.
    let tables (rules: Rules) root : GrammarTables =
        let budget, symbols, finished = rules.Budget, rules.Symbols, rules.Finished
        let joined = join finished
        budget.Work(joined.Accepts.Length * 128)
        let needs = needs budget symbols joined
        let start = joined.Starts[root]

        if needs[start] = Never then
            GrammarFault.Stop "there is no text that it allows, or it nests too deeply"

        let joined = prune symbols needs joined
        let struct (classOf, count) = classes joined

        let last =
            Array.init count (fun one -> Array.findIndex (fun it -> int it = one) classOf)

        let next =
            Array.init (joined.Accepts.Length * count) (fun at -> joined.Next[at / count * 256 + last[at % count]])

        let calls = Array.concat joined.Calls

        {
            Classes = classOf
            ClassCount = count
            Next = next
            Begins = begins symbols joined count next
            Accepts = joined.Accepts
            IsPlain =
                Array.init joined.Accepts.Length (fun state ->
                    state <> 0 && not joined.Accepts[state] && joined.Calls[state].Length = 0)
            Needs = needs
            CallOffsets = joined.Calls |> Array.scan (fun total calls -> total + calls.Length) 0
            CallTargets = calls |> Array.map (fun call -> joined.Starts[symbols[call.Symbol].Rule])
            CallReturns = calls |> Array.map _.Return
            CallMinimums = calls |> Array.map (fun call -> symbols[call.Symbol].Minimum)
            CallMaximums = calls |> Array.map (fun call -> symbols[call.Symbol].Maximum)
            Start = start
            TextStateCount = finished[0].Count
            MaxNesting = budget.MaxNesting
            Bytes = usedBytes symbols joined start
        }
