namespace StreamCore.Protocol.Grammar

open System
open System.Globalization
open System.Numerics
open System.Text.Json

/// A decimal number as it is: value = `Units` / 10^`Scale`. Reduced, so that equal numbers are equal.
[<Struct; CustomComparison; CustomEquality>]
type internal ExactNumber = {
    Units: BigInteger
    Scale: int
} with

    static member private Order(left: ExactNumber, right: ExactNumber) =
        let scale = max left.Scale right.Scale
        compare (left.UnitsAt scale) (right.UnitsAt scale)

    /// The units at a scale not below its own.
    member number.UnitsAt(scale: int) =
        number.Units * BigInteger.Pow(10I, scale - number.Scale)

    interface IComparable with
        member left.CompareTo right =
            match right with
            | :? ExactNumber as right -> ExactNumber.Order(left, right)
            | _ -> 1

    override left.Equals right =
        match right with
        | :? ExactNumber as right -> ExactNumber.Order(left, right) = 0
        | _ -> false

    override number.GetHashCode() =
        HashCode.Combine(number.Units, number.Scale)

    member number.IsNegative = number.Units.Sign < 0

    member number.Magnitude = {
        Units = BigInteger.Abs number.Units
        Scale = number.Scale
    }

    /// The digits before the point, at least one, and those after it, without zeros at the end. Of a number that is not negative.
    member number.Digits =
        let digits =
            number.Units.ToString(CultureInfo.InvariantCulture).PadLeft(number.Scale + 1, '0')

        struct (digits.Substring(0, digits.Length - number.Scale), digits.Substring(digits.Length - number.Scale))

[<RequireQualifiedAccess>]
module internal ExactNumber =
    /// Digits before or after the point of a number that is taken from a schema.
    [<Literal>]
    let MaxDigits = 100

    let rec private reduce number =
        if number.Scale > 0 && (number.Units % 10I).IsZero then
            reduce {
                Units = number.Units / 10I
                Scale = number.Scale - 1
            }
        else
            number

    /// None when it has too many digits.
    let tryRead (value: JsonElement) =
        let text = value.GetRawText()

        let mantissa, exponent =
            match text.IndexOfAny [| 'e'; 'E' |] with
            | -1 -> text, "0"
            | at -> text.Substring(0, at), text.Substring(at + 1)

        let point = mantissa.IndexOf '.'
        let fraction = if point < 0 then 0 else mantissa.Length - point - 1
        let mutable power = 0

        if
            mantissa.Length > MaxDigits
            || not (Int32.TryParse(exponent, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, &power))
            || abs (int64 power) > int64 MaxDigits
        then
            ValueNone
        else
            let units =
                BigInteger.Parse(mantissa.Replace(".", ""), CultureInfo.InvariantCulture)

            let scale = fraction - power

            if scale >= 0 then
                ValueSome(reduce { Units = units; Scale = scale })
            else
                ValueSome {
                    Units = units * BigInteger.Pow(10I, -scale)
                    Scale = 0
                }
