using System.Buffers.Binary;
using StreamCore.Engines.Models;

namespace StreamCore.Engines.Import.Gguf;

/// <summary>The metadata of a GGUF file; a value of the wrong kind is a <see cref="ModelFolderException"/> that names it.</summary>
internal sealed class GgufMetadata(string path)
{
    /// <summary>More than any vocabulary or list of merges has.</summary>
    private const int MaxItems = 1 << 22;

    /// <summary>Larger sizes than any model has, as for config.json.</summary>
    private const long MaxSize = 100_000_000;

    private const int MaxWordLength = 256;

    private readonly Dictionary<string, object> _values = [];

    private enum Kind : uint
    {
        UInt8,
        Int8,
        UInt16,
        Int16,
        UInt32,
        Int32,
        Float32,
        Bool,
        String,
        Array,
        UInt64,
        Int64,
        Float64,
    }

    public string Path { get; } = path;

    public bool Has(string key) => _values.ContainsKey(key);

    /// <summary>A short text that can stand in a message.</summary>
    public string Word(string key) => OptionalWord(key) ?? throw Missing(key);

    public string? OptionalWord(string key) =>
        OptionalText(key) is not { } text ? null : IsWord(text) ? text : throw Wrong(key, "a word");

    public string? OptionalText(string key) => Optional<string>(key, "a string");

    public int Size(string key) => OptionalSize(key) ?? throw Missing(key);

    public int? OptionalSize(string key) =>
        _values.GetValueOrDefault(key) switch
        {
            null => null,
            long and > 0 and <= MaxSize and var size => (int)size,
            _ => throw Wrong(key, "a whole number above 0"),
        };

    /// <summary>A token's id, or any other whole number from 0 on.</summary>
    public int? OptionalId(string key) =>
        _values.GetValueOrDefault(key) switch
        {
            null => null,
            long and >= 0 and <= int.MaxValue and var id => (int)id,
            _ => throw Wrong(key, "a whole number"),
        };

    public double? OptionalNumber(string key) =>
        _values.GetValueOrDefault(key) switch
        {
            null => null,
            long number => number,
            double number when double.IsFinite(number) => number,
            _ => throw Wrong(key, "a number"),
        };

    public bool? OptionalFlag(string key) =>
        _values.GetValueOrDefault(key) switch
        {
            null => null,
            bool flag => flag,
            _ => throw Wrong(key, "true or false"),
        };

    public string[] Texts(string key) => Optional<string[]>(key, "a list of strings") ?? throw Missing(key);

    /// <summary>Whole numbers.</summary>
    public long[]? OptionalWholes(string key) => Optional<long[]>(key, "a list of whole numbers");

    public double[]? OptionalNumbers(string key) => Optional<double[]>(key, "a list of numbers");

    public ModelFolderException Missing(string key) => new($"'{Path}' has no {key} in its metadata.");

    public ModelFolderException Wrong(string key, string expected) => new($"'{Path}': {key} must be {expected}.");

    /// <summary>Whether a text is short and of one line.</summary>
    public static bool IsWord(string text) =>
        text.Length is > 0 and <= MaxWordLength && !text.Any(c => char.IsControl(c) || c is '\u2028' or '\u2029');

    /// <summary>Reads a key and its value.</summary>
    public void ReadOne(GgufHeaderReader reader)
    {
        var key = reader.ReadName();
        var kind = (Kind)reader.ReadUInt32();
        var value = kind == Kind.Array ? ReadArray(reader, key) : ReadValue(reader, kind, key);
        if (!_values.TryAdd(key, value)) throw reader.Unsound($"it has {key} twice");
    }

    private T? Optional<T>(string key, string expected) where T : class =>
        _values.GetValueOrDefault(key) switch
        {
            null => null,
            T value => value,
            _ => throw Wrong(key, expected),
        };

    private static object ReadArray(GgufHeaderReader reader, string key)
    {
        var kind = (Kind)reader.ReadUInt32();
        var count = reader.ReadCount(key, SizeOf(reader, kind, key), MaxItems);
        return kind switch
        {
            Kind.String => Items(count, () => reader.ReadText()),
            Kind.Float32 or Kind.Float64 => Items(count, () => (double)ReadValue(reader, kind, key)),
            Kind.Bool => Items(count, () => (bool)ReadValue(reader, kind, key)),
            _ => Items(count, () => Whole(ReadValue(reader, kind, key))),
        };
    }

    private static T[] Items<T>(int count, Func<T> read)
    {
        var items = new T[count];
        for (var i = 0; i < count; i++) items[i] = read();
        return items;
    }

    /// <summary>Beyond a long there is only a number that means "none".</summary>
    private static long Whole(object value) => value is long whole ? whole : long.MaxValue;

    /// <summary>The bytes that a value takes at least.</summary>
    private static int SizeOf(GgufHeaderReader reader, Kind kind, string key) => kind switch
    {
        Kind.UInt8 or Kind.Int8 or Kind.Bool => 1,
        Kind.UInt16 or Kind.Int16 => 2,
        Kind.UInt32 or Kind.Int32 or Kind.Float32 => 4,
        Kind.UInt64 or Kind.Int64 or Kind.Float64 or Kind.String => 8,
        _ => throw reader.Unsound($"{key} has a value of kind {(uint)kind}"),
    };

    private static object ReadValue(GgufHeaderReader reader, Kind kind, string key)
    {
        if (kind == Kind.String) return reader.ReadText();
        var bytes = reader.Next(SizeOf(reader, kind, key));
        return kind switch
        {
            Kind.UInt8 => (long)bytes[0],
            Kind.Int8 => (long)(sbyte)bytes[0],
            Kind.Bool => bytes[0] != 0,
            Kind.UInt16 => (long)BinaryPrimitives.ReadUInt16LittleEndian(bytes),
            Kind.Int16 => (long)BinaryPrimitives.ReadInt16LittleEndian(bytes),
            Kind.UInt32 => (long)BinaryPrimitives.ReadUInt32LittleEndian(bytes),
            Kind.Int32 => (long)BinaryPrimitives.ReadInt32LittleEndian(bytes),
            Kind.Float32 => (double)BinaryPrimitives.ReadSingleLittleEndian(bytes),
            Kind.Float64 => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
            Kind.Int64 => BinaryPrimitives.ReadInt64LittleEndian(bytes),
            _ => BinaryPrimitives.ReadUInt64LittleEndian(bytes) is <= long.MaxValue and var whole ? (long)whole : double.PositiveInfinity,
        };
    }
}
