/// Python's `strftime`, in the C locale, over a time that is handed in.
[<RequireQualifiedAccess>]
module internal StreamCore.Protocol.Templating.Dates

open System
open System.Globalization
open System.Text

let private invariant = CultureInfo.InvariantCulture

let private net (format: string) (time: DateTimeOffset) = time.ToString(format, invariant)

let private number (width: int) (n: int) =
    n.ToString(invariant).PadLeft(width, '0')

let private hour12 (time: DateTimeOffset) =
    if time.Hour % 12 = 0 then 12 else time.Hour % 12

let private weekOf (time: DateTimeOffset) (daysSinceWeekStart: int) =
    (time.DayOfYear + 6 - daysSinceWeekStart) / 7

let private parts (time: DateTimeOffset) (code: char) : string voption =
    match code with
    | 'Y' -> ValueSome(number 4 time.Year)
    | 'y' -> ValueSome(number 2 (time.Year % 100))
    | 'C' -> ValueSome(number 2 (time.Year / 100))
    | 'm' -> ValueSome(number 2 time.Month)
    | 'B' -> ValueSome(net "MMMM" time)
    | 'b'
    | 'h' -> ValueSome(net "MMM" time)
    | 'd' -> ValueSome(number 2 time.Day)
    | 'e' -> ValueSome(time.Day.ToString(invariant).PadLeft 2)
    | 'j' -> ValueSome(number 3 time.DayOfYear)
    | 'A' -> ValueSome(net "dddd" time)
    | 'a' -> ValueSome(net "ddd" time)
    | 'w' -> ValueSome(number 1 (int time.DayOfWeek))
    | 'u' -> ValueSome(number 1 ((int time.DayOfWeek + 6) % 7 + 1))
    | 'U' -> ValueSome(number 2 (weekOf time (int time.DayOfWeek)))
    | 'W' -> ValueSome(number 2 (weekOf time ((int time.DayOfWeek + 6) % 7)))
    | 'G' -> ValueSome(number 4 (ISOWeek.GetYear time.DateTime))
    | 'V' -> ValueSome(number 2 (ISOWeek.GetWeekOfYear time.DateTime))
    | 'H' -> ValueSome(number 2 time.Hour)
    | 'I' -> ValueSome(number 2 (hour12 time))
    | 'k' -> ValueSome(time.Hour.ToString(invariant).PadLeft 2)
    | 'l' -> ValueSome((hour12 time).ToString(invariant).PadLeft 2)
    | 'M' -> ValueSome(number 2 time.Minute)
    | 'S' -> ValueSome(number 2 time.Second)
    | 'f' -> ValueSome(net "ffffff" time)
    | 'p' -> ValueSome(if time.Hour < 12 then "AM" else "PM")
    | 'P' -> ValueSome(if time.Hour < 12 then "am" else "pm")
    | 's' -> ValueSome(time.ToUnixTimeSeconds().ToString invariant)
    // The time is naive for the template, as datetime.now() is.
    | 'z'
    | 'Z' -> ValueSome ""
    | _ -> ValueNone

let private whole (time: DateTimeOffset) (code: char) : string voption =
    match code with
    | 'c' ->
        ValueSome(
            net "ddd MMM " time
            + time.Day.ToString(invariant).PadLeft 2
            + net " HH:mm:ss yyyy" time
        )
    | 'D'
    | 'x' -> ValueSome(net "MM'/'dd'/'yy" time)
    | 'F' -> ValueSome(net "yyyy-MM-dd" time)
    | 'T'
    | 'X' -> ValueSome(net "HH:mm:ss" time)
    | 'R' -> ValueSome(net "HH:mm" time)
    | 'r' -> ValueSome(net "hh:mm:ss " time + (if time.Hour < 12 then "AM" else "PM"))
    | 'n' -> ValueSome "\n"
    | 't' -> ValueSome "\t"
    | '%' -> ValueSome "%"
    | _ -> ValueNone

/// `%-d` drops the padding, as glibc does.
let private unpadded (text: string) =
    let bare = text.TrimStart('0', ' ')
    if bare.Length = 0 && text.Length > 0 then "0" else bare

let format (time: DateTimeOffset) (pattern: string) : string =
    let result = StringBuilder()
    let mutable i = 0

    while i < pattern.Length do
        let bare = i + 2 < pattern.Length && pattern[i + 1] = '-'
        let at = if bare then i + 2 else i + 1

        if pattern[i] <> '%' || at >= pattern.Length then
            result.Append pattern[i] |> ignore
            i <- i + 1
        else
            match
                parts time pattern[at]
                |> ValueOption.orElseWith (fun () -> whole time pattern[at])
            with
            | ValueSome text -> result.Append(if bare then unpadded text else text) |> ignore
            | ValueNone -> result.Append(pattern, i, at + 1 - i) |> ignore

            i <- at + 1

    result.ToString()
