/// JSON Schema by its text: slow, plain, and written without a look at the compiler. Knows the keywords that tests use.
module StreamCore.Protocol.Tests.Grammar.Validator

open System
open System.Globalization
open System.Numerics
open System.Text
open System.Text.Json
open System.Text.RegularExpressions

let private tryField (name: string) (owner: JsonElement) =
    let mutable value = JsonElement()

    if owner.ValueKind = JsonValueKind.Object && owner.TryGetProperty(name, &value) then
        Some value
    else
        None

/// A number as units and a power of ten.
let private exact (value: JsonElement) =
    let text = value.GetRawText().ToLowerInvariant()
    let parts = text.Split 'e'
    let power = if parts.Length > 1 then int parts[1] else 0
    let point = parts[0].IndexOf '.'
    let places = if point < 0 then 0 else parts[0].Length - point - 1
    BigInteger.Parse(parts[0].Replace(".", ""), CultureInfo.InvariantCulture), power - places

let private aligned left right =
    let (a, p), (b, q) = exact left, exact right
    let power = min p q
    a * BigInteger.Pow(10I, p - power), b * BigInteger.Pow(10I, q - power)

let private compareNumbers left right =
    let a, b = aligned left right
    compare a b

let private isMultiple value unit =
    let a, b = aligned value unit
    (a % b).IsZero

let private isInteger value =
    let units, power = exact value
    power >= 0 || (units % BigInteger.Pow(10I, -power)).IsZero

let private hasType (value: JsonElement) name =
    match name, value.ValueKind with
    | "null", JsonValueKind.Null
    | "boolean", (JsonValueKind.True | JsonValueKind.False)
    | "number", JsonValueKind.Number
    | "string", JsonValueKind.String
    | "array", JsonValueKind.Array
    | "object", JsonValueKind.Object -> true
    | "integer", JsonValueKind.Number -> isInteger value
    | _ -> false

let private resolve (root: JsonElement) (reference: string) =
    reference.Split '/'
    |> Seq.skip 1
    |> Seq.fold (fun (at: JsonElement) name -> at.GetProperty name) root

let private length (value: JsonElement) =
    string value |> _.EnumerateRunes() |> Seq.length

/// Of two fields of one name the last counts.
let private fieldCount (value: JsonElement) =
    value.EnumerateObject() |> Seq.distinctBy _.Name |> Seq.length

/// Patterns are of code points; .NET's are of UTF-16, so that one beyond it is put as one that no pattern names.
let private matches (pattern: string) (text: string) =
    let codePoints =
        text.EnumerateRunes()
        |> Seq.map (fun rune -> if rune.IsBmp then rune.ToString() else "\uE000")
        |> String.concat ""

    Regex.IsMatch(codePoints, pattern, RegexOptions.CultureInvariant)

let private parses format (text: string) =
    let inv = CultureInfo.InvariantCulture

    match format with
    | "date" -> fst (DateOnly.TryParseExact(text, "yyyy-MM-dd", inv, DateTimeStyles.None))
    | "date-time" -> fst (DateTimeOffset.TryParse(text, inv)) && text.Contains 'T'
    | "time" -> fst (DateTimeOffset.TryParse("2000-01-01T" + text, inv))
    | "uuid" -> fst (Guid.TryParseExact(text, "D"))
    | "ipv4"
    | "ipv6" -> fst (Net.IPAddress.TryParse text)
    | "hostname" ->
        Uri.CheckHostName text = UriHostNameType.Dns
        || Uri.CheckHostName text = UriHostNameType.IPv4
    | "email" -> fst (Net.Mail.MailAddress.TryCreate text)
    | "uri" -> fst (Uri.TryCreate(text, UriKind.Absolute))
    | other -> failwith other

/// `asked` are the references that led here from the same value: one that comes round to itself allows nothing more.
let rec private isValid (root: JsonElement) (asked: Set<string>) (schema: JsonElement) (value: JsonElement) : bool =
    match schema.ValueKind with
    | JsonValueKind.True -> true
    | JsonValueKind.False -> false
    | _ ->
        schema.EnumerateObject()
        |> Seq.forall (fun keyword -> obeys root asked schema keyword.Name keyword.Value value)

and private obeys root asked schema name (rule: JsonElement) (value: JsonElement) =
    let valid = isValid root Set.empty
    let same = isValid root asked
    let isText = value.ValueKind = JsonValueKind.String
    let isNumber = value.ValueKind = JsonValueKind.Number
    let isArray = value.ValueKind = JsonValueKind.Array
    let isObject = value.ValueKind = JsonValueKind.Object

    let isNullable =
        (tryField "nullable" schema).IsSome && value.ValueKind = JsonValueKind.Null

    match name with
    | "type" when rule.ValueKind = JsonValueKind.String -> isNullable || hasType value (string rule)
    | "type" ->
        isNullable
        || rule.EnumerateArray() |> Seq.exists (fun it -> hasType value (string it))
    | "enum" ->
        rule.EnumerateArray()
        |> Seq.exists (fun it -> JsonElement.DeepEquals(it, value))
    | "const" -> JsonElement.DeepEquals(rule, value)
    | "minLength" -> not isText || length value >= rule.GetInt32()
    | "maxLength" -> not isText || length value <= rule.GetInt32()
    | "pattern" -> not isText || matches (string rule) (string value)
    | "format" -> not isText || parses (string rule) (string value)
    | "minimum" -> not isNumber || compareNumbers value rule >= 0
    | "maximum" -> not isNumber || compareNumbers value rule <= 0
    | "exclusiveMinimum" -> not isNumber || compareNumbers value rule > 0
    | "exclusiveMaximum" -> not isNumber || compareNumbers value rule < 0
    | "multipleOf" -> not isNumber || isMultiple value rule
    | "minItems" -> not isArray || value.GetArrayLength() >= rule.GetInt32()
    | "maxItems" -> not isArray || value.GetArrayLength() <= rule.GetInt32()
    | "prefixItems" ->
        not isArray
        || Seq.zip (rule.EnumerateArray()) (value.EnumerateArray())
           |> Seq.forall (fun (it, item) -> valid it item)
    | "items" ->
        let prefix =
            match tryField "prefixItems" schema with
            | Some prefix -> prefix.GetArrayLength()
            | None -> 0

        not isArray
        || value.EnumerateArray()
           |> Seq.indexed
           |> Seq.forall (fun (at, item) -> at < prefix || valid rule item)
    | "required" ->
        not isObject
        || rule.EnumerateArray()
           |> Seq.forall (fun it -> (tryField (string it) value).IsSome)
    | "properties" ->
        not isObject
        || rule.EnumerateObject()
           |> Seq.forall (fun it ->
               match tryField it.Name value with
               | Some found -> valid it.Value found
               | None -> true)
    | "patternProperties" ->
        not isObject
        || rule.EnumerateObject()
           |> Seq.forall (fun it ->
               value.EnumerateObject()
               |> Seq.forall (fun field -> not (matches it.Name field.Name) || valid it.Value field.Value))
    | "additionalProperties" ->
        let isOther (name: string) =
            (match tryField "properties" schema with
             | Some known -> (tryField name known).IsNone
             | None -> true)
            && (match tryField "patternProperties" schema with
                | Some known -> known.EnumerateObject() |> Seq.forall (fun it -> not (matches it.Name name))
                | None -> true)

        not isObject
        || value.EnumerateObject()
           |> Seq.forall (fun field -> not (isOther field.Name) || valid rule field.Value)
    | "allOf" -> rule.EnumerateArray() |> Seq.forall (fun it -> same it value)
    | "anyOf" -> rule.EnumerateArray() |> Seq.exists (fun it -> same it value)
    | "oneOf" -> rule.EnumerateArray() |> Seq.filter (fun it -> same it value) |> Seq.length = 1
    | "not" -> not (same rule value)
    | "if" ->
        match tryField (if same rule value then "then" else "else") schema with
        | Some branch -> same branch value
        | None -> true
    | "minProperties" -> not isObject || fieldCount value >= rule.GetInt32()
    | "maxProperties" -> not isObject || fieldCount value <= rule.GetInt32()
    | "uniqueItems" ->
        not isArray
        || not (rule.GetBoolean())
        || Seq.allPairs (Seq.indexed (value.EnumerateArray())) (Seq.indexed (value.EnumerateArray()))
           |> Seq.forall (fun ((i, a), (j, b)) -> i = j || not (JsonElement.DeepEquals(a, b)))
    | "$ref" ->
        not (asked.Contains(string rule))
        && isValid root (asked.Add(string rule)) (resolve root (string rule)) value
    | "$defs"
    | "then"
    | "else"
    | "title"
    | "nullable" -> true
    | other -> failwith ("the validator does not know " + other)

/// Whether the bytes are JSON, and valid against the schema.
let accepts (schema: JsonElement) (bytes: byte[]) =
    let text = UTF8Encoding(false, true).GetString bytes

    let value =
        JsonDocument.Parse(text, JsonDocumentOptions(MaxDepth = 200)).RootElement

    isValid schema Set.empty schema value
