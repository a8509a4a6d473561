namespace StreamCore.Protocol.Grammar

open System.Numerics

/// One side of a number's range.
[<Struct>]
type internal Bound = {
    Limit: ExactNumber
    IsExclusive: bool
}

/// What a schema asks of a number.
type internal NumberRule = {
    Lower: Bound voption
    Upper: Bound voption
    Multiples: ExactNumber list
} with

    static member Any = {
        Lower = ValueNone
        Upper = ValueNone
        Multiples = []
    }

/// The texts of numbers. They are bounded in length, so that a number ends: 16 digits after the point, and before it as
/// many as every reader of JSON keeps exactly.
[<RequireQualifiedAccess>]
module internal NumberRules =
    /// Digits before the point: an integer of so many fits 64 bits.
    [<Literal>]
    let IntegerDigits = 18

    [<Literal>]
    let private FractionDigits = 16

    /// A multiple needs a state for each remainder.
    let private maxMultiple = BigInteger 5000

    let private digit low high =
        [| struct (int '0' + low, int '0' + high) |] |> Regex.Character

    let private digits minimum maximum =
        Regex.Repeat(digit 0 9, minimum, maximum)

    let private mark (value: char) =
        Regex.Character(CodePoints.only (int value))

    let private optional item = Regex.Repeat(item, 0, 1)
    let private never = Regex.Choice [||]
    let private minus item = Regex.Sequence [| mark '-'; item |]
    let private after point = Regex.Sequence [| mark '.'; point |]
    let private freeFraction = optional (after (digits 1 FractionDigits))

    let private freeInteger =
        Regex.Choice [| digit 0 0; Regex.Sequence [| digit 1 9; digits 0 (IntegerDigits - 1) |] |]

    let private between low high item =
        if low > high then
            never
        else
            Regex.Sequence [| digit low high; item |]

    /// The digits after the point of what is at least this (over it when exclusive): `rest` are the bound's. A point has been written.
    let rec private fractionAbove exclusive (rest: string) =
        if rest = "" then
            if exclusive then
                Regex.Sequence [|
                    Regex.Repeat(digit 0 0, 0, FractionDigits - 1)
                    digit 1 9
                    digits 0 (FractionDigits - 1)
                |]
            else
                digits 0 FractionDigits
        else
            let first = int rest[0] - int '0'
            let tail = fractionAbove exclusive (rest.Substring 1)
            Regex.Choice [| between (first + 1) 9 (digits 0 FractionDigits); between first first tail |]

    /// Those of what is at most this (below it when exclusive).
    let rec private fractionBelow exclusive (rest: string) =
        if rest = "" then
            if exclusive then
                never
            else
                Regex.Repeat(digit 0 0, 0, FractionDigits)
        else
            let first = int rest[0] - int '0'
            let tail = fractionBelow exclusive (rest.Substring 1)

            Regex.Choice [|
                Regex.Empty
                between 0 (first - 1) (digits 0 FractionDigits)
                between first first tail
            |]

    /// A fraction, or none where none is as good as zeros.
    let private withPoint isNoneGood fraction =
        let written = after fraction
        if isNoneGood then optional written else written

    /// The digits before the point, as many as the bound's, compared one by one.
    let rec private sameLength isAbove (rest: string) ending =
        if rest = "" then
            ending
        else
            let first = int rest[0] - int '0'

            let free =
                Regex.Sequence [| digits (rest.Length - 1) (rest.Length - 1); freeFraction |]

            let tail = sameLength isAbove (rest.Substring 1) ending
            let low, high = if isAbove then first + 1, 9 else 0, first - 1
            Regex.Choice [| between low high free; between first first tail |]

    let private longer (length: int) =
        if length >= IntegerDigits then
            never
        else
            Regex.Sequence [| digit 1 9; digits length (IntegerDigits - 1); freeFraction |]

    let private shorter (length: int) =
        if length <= 1 then
            never
        else
            Regex.Sequence [|
                Regex.Choice [| digit 0 0; Regex.Sequence [| digit 1 9; digits 0 (length - 2) |] |]
                freeFraction
            |]

    /// Texts without a sign whose value is at least the bound, which is not negative.
    let private magnitudeAbove exclusive (bound: ExactNumber) =
        let struct (whole, fraction) = bound.Digits

        let ending =
            withPoint (fraction = "" && not exclusive) (fractionAbove exclusive fraction)

        Regex.Choice [| longer whole.Length; sameLength true whole ending |]

    let private magnitudeBelow exclusive (bound: ExactNumber) =
        let struct (whole, fraction) = bound.Digits
        let isNoneGood = fraction <> "" || not exclusive
        let ending = withPoint isNoneGood (fractionBelow exclusive fraction)
        Regex.Choice [| shorter whole.Length; sameLength false whole ending |]

    let private unsigned = Regex.Sequence [| freeInteger; freeFraction |]

    let private above (bound: Bound) =
        let magnitude = bound.Limit.Magnitude

        if bound.Limit.IsNegative then
            Regex.Choice [| unsigned; minus (magnitudeBelow bound.IsExclusive magnitude) |]
        elif magnitude.Units.IsZero && not bound.IsExclusive then
            unsigned
        else
            magnitudeAbove bound.IsExclusive magnitude

    let private below (bound: Bound) =
        let magnitude = bound.Limit.Magnitude

        if bound.Limit.IsNegative then
            minus (magnitudeAbove bound.IsExclusive magnitude)
        elif magnitude.Units.IsZero && bound.IsExclusive then
            minus (magnitudeAbove true magnitude)
        else
            Regex.Choice [| magnitudeBelow bound.IsExclusive magnitude; minus unsigned |]

    /// Texts of multiples. States: the beginning, then for each remainder of the digits read one before the point, and one
    /// for each count of digits after it. What the remainder of an exact multiple must be depends on that count.
    let private multiple (budget: Budget) (number: ExactNumber) : Dfa =
        if number.Units > maxMultiple || number.Scale > FractionDigits then
            GrammarFault.Stop "'multipleOf' is supported up to 5000 units of its last digit"

        let modulus, places = int number.Units, number.Scale
        let count = 1 + (places + 2) * modulus
        budget.Grow count
        budget.Work(count * 16)
        let next = Array.create (count * 256) -1
        let before remainder = 1 + remainder
        let after read remainder = 1 + (read + 1) * modulus + remainder
        next[int '-'] <- 0

        for value in 0..9 do
            next[int '0' + value] <- before (value % modulus)

        for remainder in 0 .. modulus - 1 do
            next[before remainder * 256 + int '.'] <- after 0 remainder
            next[after places remainder * 256 + int '0'] <- after places remainder

            for value in 0..9 do
                let target = (remainder * 10 + value) % modulus
                next[before remainder * 256 + int '0' + value] <- before target

                for read in 0 .. places - 1 do
                    next[after read remainder * 256 + int '0' + value] <- after (read + 1) target

        let isMultiple read remainder =
            (BigInteger(remainder: int) * BigInteger.Pow(10I, places - read) % number.Units).IsZero

        {
            Next = next
            Accepts = [|
                false

                for read in -1 .. places do
                    for remainder in 0 .. modulus - 1 do
                        isMultiple (max read 0) remainder
            |]
            Calls = Array.create count [||]
        }

    let private shape isInteger isFree =
        if isInteger then
            Regex.Choice [|
                freeInteger
                minus (Regex.Sequence [| digit 1 9; digits 0 (IntegerDigits - 1) |])
            |]
        else
            let exponent =
                Regex.Sequence [|
                    Regex.Choice [| mark 'e'; mark 'E' |]
                    optional (Regex.Choice [| mark '+'; mark '-' |])
                    digits 1 2
                |]

            let ending = if isFree then optional exponent else Regex.Empty
            Regex.Sequence [| optional (mark '-'); freeInteger; freeFraction; ending |]

    let private compiled (budget: Budget) regex =
        Dfa.ofPart budget (Regex.part Spelling.Plain regex)

    let private limited (budget: Budget) (rule: NumberRule) (shape: Regex) =
        let mutable dfa = compiled budget shape

        for bound in ValueOption.toList rule.Lower do
            dfa <- Dfa.both budget dfa (compiled budget (above bound))

        for bound in ValueOption.toList rule.Upper do
            dfa <- Dfa.both budget dfa (compiled budget (below bound))

        for one in rule.Multiples do
            dfa <- Dfa.both budget dfa (multiple budget one)

        dfa

    /// The texts of the numbers that the rule allows.
    let texts (budget: Budget) isInteger (rule: NumberRule) : Dfa =
        limited budget rule (shape isInteger (rule = NumberRule.Any))

    /// The texts of those that are not integers.
    let fractions (budget: Budget) (rule: NumberRule) : Dfa =
        let zeros = optional (after (Regex.Repeat(digit 0 0, 1, -1)))

        Regex.Sequence [| optional (mark '-'); freeInteger; zeros |]
        |> compiled budget
        |> Dfa.without budget (limited budget rule (shape false false))
