namespace StreamCore.Protocol

open System
open System.Diagnostics.CodeAnalysis

[<AbstractClass; Sealed>]
type DataUrl =
    static member IsOne(url: string) =
        url.StartsWith("data:", StringComparison.OrdinalIgnoreCase)

    static member TryDecode(url: string, [<NotNullWhen true>] bytes: outref<byte[] | null>) =
        let comma = url.IndexOf ','
        bytes <- null

        if
            not (DataUrl.IsOne url)
            || comma < 0
            || not (url.AsSpan(0, comma).EndsWith(";base64", StringComparison.OrdinalIgnoreCase))
        then
            false
        else
            let text = url.AsSpan(comma + 1)
            let decoded = Array.zeroCreate (text.Length / 4 * 3 + 3)
            let mutable written = 0

            if Convert.TryFromBase64Chars(text, Span decoded, &written) then
                bytes <- Array.sub decoded 0 written
                true
            else
                false
