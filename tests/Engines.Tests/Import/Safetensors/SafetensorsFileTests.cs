using StreamCore.Engines.Import.Safetensors;
using StreamCore.Engines.Models;
using Xunit;

namespace StreamCore.Engines.Tests.Import.Safetensors;

public sealed class SafetensorsFileTests : IDisposable
{
    private const string Two = """{"dtype":"F32","shape":[2],"data_offsets":[0,8]}""";

    private readonly TempFolder _folder = new();

    private string FilePath => _folder["model.safetensors"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(nameof(SafetensorsType.F32), 0)]
    [InlineData(nameof(SafetensorsType.F16), 1.0 / 2048)]
    [InlineData(nameof(SafetensorsType.BF16), 1.0 / 256)]
    public void What_is_written_is_read_back_from_any_place(string typeName, double precision)
    {
        var type = Enum.Parse<SafetensorsType>(typeName);
        // Longer than a chunk of the reader, and of a length that fills no vector.
        var values = new float[70_001];
        for (var i = 0; i < values.Length; i++) values[i] = MathF.Sin(i) * 3;
        using (var writer = new SafetensorsWriter(FilePath, [new("a", SafetensorsType.F32, 1), new("b", type, 70_001)]))
        {
            writer.Write([42, .. values.AsSpan(0, 10)]);
            writer.Write(values.AsSpan(10));
        }

        using var file = SafetensorsFile.Open(FilePath);
        Assert.Equal([70_001L], file.Tensors["b"].Shape.ToArray());
        foreach (var (first, count) in ((int, int)[])[(0, values.Length), (1, 31), (40_000, 30_001), (70_000, 1), (5, 0)])
        {
            var read = new float[count];
            file.Tensors["b"].Read(first, read);
            for (var i = 0; i < count; i++) Assert.Equal(values[first + i], read[i], 3 * precision + 1e-30);
        }
    }

    [Theory]
    [InlineData(1f, 0x3F80)]
    [InlineData(1.00390625f, 0x3F80)]
    [InlineData(1.01171875f, 0x3F82)]
    [InlineData(-3.14f, 0xC049)]
    [InlineData(float.PositiveInfinity, 0x7F80)]
    public void Brain_floats_round_to_nearest_even(float value, int bits)
    {
        using (var writer = new SafetensorsWriter(FilePath, [new("a", SafetensorsType.BF16, 1)])) writer.Write([value]);
        Assert.Equal((ushort)bits, BitConverter.ToUInt16(File.ReadAllBytes(FilePath).AsSpan(^2)));
    }

    [Fact]
    public void Metadata_empty_tensors_and_types_that_nobody_reads_are_fine()
    {
        RawSafetensors.Write(
            FilePath,
            """{"__metadata__":{"format":"pt"},"a":{"dtype":"F99","shape":[3],"data_offsets":[0,5]},"b":{"dtype":"F32","shape":[0,4],"data_offsets":[5,5]}}""",
            dataBytes: 5);
        using var file = SafetensorsFile.Open(FilePath);
        Assert.Equal(["a", "b"], file.Tensors.Keys.Order());
        var fault = Assert.Throws<ModelFolderException>(() => file.Tensors["a"].Read(0, new float[1]));
        Assert.Equal($"'{FilePath}': tensor 'a' has type F99; only F32, F16 and BF16 weights can be imported.", fault.Message);
    }

    public static TheoryData<string, int, string> Broken => new()
    {
        { "[]", 0, "'{0}' is not a safetensors file: its header is not a JSON object." },
        { "{nonsense", 0, "'{0}' is not a safetensors file: its header is not a JSON object." },
        { """{"a":1}""", 0, "'{0}': the header entry of tensor 'a' must have dtype, shape and data_offsets; download it again." },
        { """{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "'{0}': the header entry of tensor 'a' must have dtype, shape and data_offsets; download it again." },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "'{0}': the header entry of tensor 'a' must have dtype, shape and data_offsets; download it again." },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,2000000000000000000]}}""", 4, "'{0}': the header entry of tensor 'a' must have dtype, shape and data_offsets; download it again." },
        { """{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "'{0}': tensor 'a' of shape [3] and type F32 does not fill its 8 bytes; download it again." },
        { """{"a":{"dtype":"F32","shape":[1000000000000000000,1000000000000000000],"data_offsets":[0,8]}}""", 8, "'{0}': tensor 'a' of shape [1000000000000000000, 1000000000000000000] and type F32 does not fill its 8 bytes; download it again." },
        { $$$"""{"a":{{{Two}}},"a":{{{Two}}}}""", 8, "'{0}' has tensor 'a' twice; download it again." },
        { $$$"""{"a":{{{Two}}},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "'{0}': tensors 'a' and 'b' overlap; download it again." },
        { $$$"""{"a":{{{Two}}},"b":{"dtype":"F32","shape":[1],"data_offsets":[12,16]}}""", 16, "'{0}': 4 bytes before tensor 'b' belong to no tensor; download it again." },
        { $$$"""{"a":{{{Two}}}}""", 11, "'{0}': 3 bytes after the last tensor belong to no tensor; download it again." },
        { $$$"""{"a":{{{Two}}}}""", 7, "'{0}' is cut off inside tensor 'a': 69 bytes of at least 70; download it again." },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_header_that_does_not_fit_its_file_is_refused(string header, int dataBytes, string message)
    {
        RawSafetensors.Write(FilePath, header, dataBytes);
        AssertRefused(message);
    }

    [Theory]
    [InlineData(0, "'{0}' is 0 bytes long, too short for a safetensors file; download it again.")]
    [InlineData(7, "'{0}' is 7 bytes long, too short for a safetensors file; download it again.")]
    public void A_file_without_room_for_the_length_is_refused(int length, string message)
    {
        File.WriteAllBytes(FilePath, new byte[length]);
        AssertRefused(message);
    }

    [Theory]
    [InlineData(-1L, "'{0}' is not a safetensors file: its header would be 18446744073709551615 bytes long.")]
    [InlineData(1L, "'{0}' is not a safetensors file: its header would be 1 bytes long.")]
    [InlineData(100_000_001L, "'{0}' is not a safetensors file: its header would be 100000001 bytes long.")]
    [InlineData(1000L, "'{0}' is cut off inside its header: 10 bytes of at least 1008; download it again.")]
    public void A_wrong_header_length_is_refused(long length, string message)
    {
        RawSafetensors.Write(FilePath, "{}", 0, length);
        AssertRefused(message);
    }

    [Fact]
    public void Every_cut_of_a_sound_file_is_refused()
    {
        using (var writer = new SafetensorsWriter(FilePath, [new("a", SafetensorsType.F32, 3), new("b", SafetensorsType.BF16, 2)]))
            writer.Write([1, 2, 3, 4, 5]);
        var whole = File.ReadAllBytes(FilePath);
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(FilePath, whole[..length]);
            Assert.Throws<ModelFolderException>(() => SafetensorsFile.Open(FilePath));
        }
    }

    private void AssertRefused(string message)
    {
        var fault = Assert.Throws<ModelFolderException>(() => SafetensorsFile.Open(FilePath));
        Assert.Equal(message.Replace("{0}", FilePath), fault.Message);
    }
}
