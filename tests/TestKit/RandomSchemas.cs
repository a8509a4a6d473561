using System.Text.Json;
using System.Text.Json.Nodes;

namespace StreamCore.TestKit;

/// <summary>Random JSON schemas of all keywords that grammars know, of which some are refused and some have no valid value.</summary>
public sealed class RandomSchemas
{
    private static readonly string[] Names = ["a", "b", "ab", "na me", "é", "q\""];

    private readonly Random _random;

    private RandomSchemas(Random random) => _random = random;

    /// <summary>The same for the same random numbers.</summary>
    public static JsonElement Draw(Random random)
    {
        var drawn = new RandomSchemas(random);
        var root = drawn.Schema(3);
        root["$defs"] = new JsonObject { ["d"] = drawn.Definition() };
        return JsonSerializer.SerializeToElement(root);
    }

    /// <summary>What <c>#/$defs/d</c> is: no reference, which might lead back to itself, for ever in some validators.</summary>
    private JsonObject Definition()
    {
        var schema = Schema(1);
        return schema.ContainsKey("$ref") ? Definition() : schema;
    }

    private JsonObject Schema(int levels) => levels == 0 ? Scalar() : _random.Next(12) switch
    {
        < 2 => Scalar(),
        < 4 => Array(levels - 1),
        < 8 => Object(levels - 1),
        < 10 => Combined(levels - 1),
        10 => Negated(levels - 1),
        _ => Conditional(levels - 1),
    };

    private JsonObject Scalar() => _random.Next(14) switch
    {
        < 4 => String(),
        < 8 => Number(),
        < 10 => new() { ["enum"] = Several(3, Value) },
        10 => new() { ["const"] = Value() },
        11 => OneOf(Of("type", "null"), Of("type", "boolean"), new() { ["type"] = "boolean", ["nullable"] = true }),
        12 => OneOf(new() { ["type"] = new JsonArray("string", "null", "integer") }, new JsonObject()),
        _ => OneOf(Of("$ref", "#"), Of("$ref", "#/$defs/d")),
    };

    private JsonObject String()
    {
        var schema = Of("type", "string");
        switch (_random.Next(3))
        {
            case 0:
                if (Maybe()) schema["minLength"] = _random.Next(4);
                if (Maybe()) schema["maxLength"] = _random.Next(2, 7);
                break;
            case 1:
                schema["pattern"] = OneOf("^[a-c]+$", "b", "^a", "^(x|yy)*$", "[^a]$", "^.{2,4}$", "^\\d{2}-\\w+$");
                if (Maybe()) schema["maxLength"] = _random.Next(2, 10);
                break;
            default:
                schema["format"] = OneOf("date", "time", "date-time", "uuid", "email", "ipv4", "ipv6", "hostname", "uri");
                break;
        }

        return schema;
    }

    private JsonObject Number()
    {
        var schema = Of("type", OneOf("integer", "number"));
        if (Maybe()) schema[OneOf("minimum", "exclusiveMinimum")] = Figure();
        if (Maybe()) schema[OneOf("maximum", "exclusiveMaximum")] = Figure();
        if (Maybe()) schema["multipleOf"] = OneOf(3, 10, 0.5m, 0.07m);
        return schema;
    }

    private JsonObject Array(int levels)
    {
        var schema = Of("type", "array");
        if (Maybe()) schema["items"] = Schema(levels);
        if (Maybe()) schema["prefixItems"] = Several(2, () => Schema(levels));
        if (Maybe()) schema["minItems"] = _random.Next(3);
        if (Maybe()) schema["maxItems"] = _random.Next(1, 5);
        if (_random.Next(6) == 0) schema["uniqueItems"] = true;
        return schema;
    }

    private JsonObject Object(int levels)
    {
        var schema = Of("type", "object");
        var names = Names.Where(_ => Maybe()).ToArray();
        schema["properties"] = new JsonObject(names.Select(name => KeyValuePair.Create<string, JsonNode?>(name, Schema(levels))));
        schema["required"] = Strings(names.Where(_ => Maybe()));
        if (Maybe()) schema["additionalProperties"] = _random.Next(3) switch { 0 => false, 1 => true, _ => Schema(levels) };
        if (_random.Next(3) == 0) schema["patternProperties"] = new JsonObject { [OneOf("^a", "x", "^z+$")] = Schema(levels) };
        if (_random.Next(4) == 0) schema["minProperties"] = _random.Next(4);
        if (_random.Next(4) == 0) schema["maxProperties"] = _random.Next(1, 4);
        return schema;
    }

    private JsonObject Combined(int levels) => new() { [OneOf("anyOf", "allOf", "oneOf")] = Several(2, () => Schema(levels)) };

    /// <summary>A schema, and what its values must not be besides.</summary>
    private JsonObject Negated(int levels)
    {
        var schema = Schema(levels);
        schema["not"] = Condition(levels);
        return schema;
    }

    private JsonObject Conditional(int levels)
    {
        var schema = Schema(levels);
        schema["if"] = Condition(levels);
        if (Maybe()) schema["then"] = Schema(levels);
        if (Maybe()) schema["else"] = Schema(levels);
        return schema;
    }

    /// <summary>What conditions usually are: of a type, of a few values, of a property, or anything.</summary>
    private JsonObject Condition(int levels) => _random.Next(6) switch
    {
        0 => Of("type", OneOf("string", "array", "object", "null")),
        1 => new() { ["enum"] = Several(2, Value) },
        2 => new() { ["required"] = Strings([OneOf(Names)]) },
        3 => new() { ["properties"] = new JsonObject { [OneOf(Names)] = Scalar() } },
        4 => Scalar(),
        _ => Schema(levels),
    };

    private JsonNode Value() => _random.Next(5) switch
    {
        < 2 => OneOf("a", "ab", "", "é", "😀x", "a\"b", "\n", "true"),
        2 => Figure(),
        3 => new JsonObject { ["x"] = new JsonArray(1) },
        _ => true,
    };

    private decimal Figure() => Maybe() ? _random.Next(-120, 121) : _random.Next(-500, 501) / 100m;

    private bool Maybe() => _random.Next(2) == 0;

    private T OneOf<T>(params T[] choices) => choices[_random.Next(choices.Length)];

    private static JsonArray Several(int count, Func<JsonNode> draw) => [.. Enumerable.Range(0, count).Select(_ => draw())];

    private static JsonArray Strings(IEnumerable<string> texts) => [.. texts.Select(text => JsonValue.Create(text))];

    private static JsonObject Of(string keyword, string value) => new() { [keyword] = value };
}
