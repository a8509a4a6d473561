namespace StreamCore.Protocol.Grammar

/// The values of `format` that are honoured, as patterns. Each allows less than its standard where less is simpler, and never more.
[<RequireQualifiedAccess>]
module internal Formats =
    /// RFC 3339 §5.6, years 1000 to 9999, days by the calendar.
    let private date =
        "(?:[1-9][0-9]{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
        + "|(?:[1-9][0-9](?:0[48]|[2468][048]|[13579][26])|(?:[2468][048]|[13579][26])00)-02-29)"

    /// RFC 3339 §5.6, without leap seconds, at most 14 hours from UTC.
    let private time =
        "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,9})?(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9])"

    let private hex count =
        String.concat "" [ "[0-9a-fA-F]{"; count; "}" ]

    let private uuid =
        String.concat "-" [ hex "8"; hex "4"; hex "4"; hex "4"; hex "12" ]

    /// RFC 1123 §2.1: no label over 63 and no name over 253 characters, no two hyphens in a row.
    let private label = "[A-Za-z0-9](?:-?[A-Za-z0-9]){0,30}"

    let private hostname = String.concat "" [ label; "(?:\\."; label; "){0,3}" ]

    /// RFC 5321 §4.1.2: a dot-string of at most 64 characters, at a name of at least two labels.
    let private email =
        String.concat "" [
            "[A-Za-z0-9_+%-]{1,15}(?:\\.[A-Za-z0-9_+%-]{1,15}){0,3}@"
            label
            "(?:\\."
            label
            "){1,3}"
        ]

    let private octet = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
    let private ipv4 = String.concat "\\." [ octet; octet; octet; octet ]

    /// RFC 3986: absolute, of the schemes http and https, without user information.
    let private uri =
        let piece = "(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"

        String.concat "" [
            "https?://"
            hostname
            "(?::[1-9][0-9]{0,3})?(?:/"
            piece
            "*)*(?:\\?(?:"
            piece
            "|[/?])*)?(?:#(?:"
            piece
            "|[/?])*)?"
        ]

    /// RFC 4291 §2.2, in full length.
    let private ipv6 = "(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}"

    let tryFind name =
        match name with
        | "date" -> ValueSome date
        | "time" -> ValueSome time
        | "date-time" -> ValueSome(String.concat "T" [ date; time ])
        | "uuid" -> ValueSome uuid
        | "hostname" -> ValueSome hostname
        | "email" -> ValueSome email
        | "ipv4" -> ValueSome ipv4
        | "ipv6" -> ValueSome ipv6
        | "uri" -> ValueSome uri
        | _ -> ValueNone

    /// Those of numbers. Ours fit all of them but the one that is a range.
    let isNumeric name =
        match name with
        | "int32"
        | "int64"
        | "float"
        | "double" -> true
        | _ -> false
