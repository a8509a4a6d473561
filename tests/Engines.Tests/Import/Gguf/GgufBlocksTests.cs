using System.Runtime.InteropServices;
using System.Security.Cryptography;
using StreamCore.Engines.Import.Gguf;
using Xunit;

namespace StreamCore.Engines.Tests.Import.Gguf;

/// <summary>Expected numbers and digests were made by ggml's own functions from the same bytes.</summary>
public sealed class GgufBlocksTests
{
    [Theory]
    [InlineData("Q4_0", new[] { 0 }, "3b660c0a339c79c2", new[] { -0.0860900879f, -0.036895752f, -0.024597168f, 0.0737915039f })]
    [InlineData("Q4_1", new[] { 0, 2 }, "0b3a01988b92cd69", new[] { 0.138885498f, 0.138885498f, 0.101989746f, -0.0455932617f })]
    [InlineData("Q5_0", new[] { 0 }, "145c44a756830e4b", new[] { 0.0614929199f, -0.18447876f, 0.0614929199f, -0.159881592f })]
    [InlineData("Q5_1", new[] { 0, 2 }, "cef38f4144d0894a", new[] { 0.188079834f, 0.286468506f, 0.335662842f, 0.261871338f })]
    [InlineData("Q8_0", new[] { 0 }, "a4d6c12426f2fc47", new[] { 1.19296265f, -1.31594849f, 1.38973999f, -1.34054565f })]
    [InlineData("Q2_K", new[] { 80, 82 }, "23bc162f5b34ba99", new[] { 0.405853271f, 0.405853271f, 0.794586182f, 0.814086914f })]
    [InlineData("Q3_K", new[] { 108 }, "1edb37dfe79d014f", new[] { 0.996185303f, 0.996185303f, 0.024597168f, 0.0983886719f })]
    [InlineData("Q4_K", new[] { 0, 2 }, "c614a1a029b8cc94", new[] { 4.35452271f, 2.87869263f, 9.94827271f, 3.11392212f })]
    [InlineData("Q5_K", new[] { 0, 2 }, "753fa1b84e621afb", new[] { 7.30618286f, 5.83035278f, 20.7710266f, 10.1733093f })]
    [InlineData("Q6_K", new[] { 208 }, "7ef1faa4774d6955", new[] { -17.5992737f, -12.3846741f, -25.5687561f, -7.99407959f })]
    public void A_block_is_read_as_ggml_reads_it_bit_for_bit(string name, int[] halves, string digest, float[] samples)
    {
        var type = Enum.Parse<GgufType>(name);
        Assert.True(GgufTypes.TryGetBlock(type, out var elements, out var bytes));
        var block = new byte[bytes];
        for (var i = 0; i < bytes; i++) block[i] = (byte)(i * 37 + i * i * 3 + 11);
        for (var i = 0; i < halves.Length; i++) BitConverter.GetBytes((Half)(i == 0 ? 0.0123 : -0.0456)).CopyTo(block, halves[i]);

        var values = new float[elements];
        GgufBlocks.Read(type, block, values);
        Assert.Equal(samples, new[] { values[0], values[1], values[elements / 2], values[^1] });
        Assert.Equal(digest, Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(values.AsSpan())))[..16]);
    }

    /// <summary>Worked out by hand: code 0x80 has low half 0 and high half 8, and so on.</summary>
    [Fact]
    public void The_low_halves_of_a_four_bit_block_come_first()
    {
        byte[] block = [0x00, 0x38, 0x80, 0x9F, .. Enumerable.Repeat((byte)0x88, 14)]; // scale 0.5
        var values = new float[32];
        GgufBlocks.Read(GgufType.Q4_0, block, values);
        Assert.Equal([-4, 3.5f, 0, 0], values[..4]);
        Assert.Equal([0, 0.5f, 0, 0], values[16..20]);
    }

    [Fact]
    public void Plain_numbers_are_themselves()
    {
        var values = new float[2];
        GgufBlocks.Read(GgufType.F32, [0, 0, 0xC0, 0x3F, 0, 0, 0, 0xC0], values);
        Assert.Equal([1.5f, -2], values);
        GgufBlocks.Read(GgufType.F16, [0, 0x3E, 0, 0xC0], values);
        Assert.Equal([1.5f, -2], values);
        GgufBlocks.Read(GgufType.BF16, [0xC0, 0x3F, 0, 0xC0], values);
        Assert.Equal([1.5f, -2], values);
    }

    [Theory]
    [InlineData("Q4_0", "0f3240f6cec9e625861ac09993b0ff61f5ac8db16919a6015c727749f987f22c413609c9")]
    [InlineData("Q8_0", "1b2281e0650ddbcee622840bb6867c96d63ac372453d5a9b038e4015103074de6c209921f7f41a68c66514ecec1465c6681af4f72376da7f3411174584039262424b7cbe")]
    public void Blocks_are_written_as_ggml_writes_them(string name, string expected)
    {
        var type = Enum.Parse<GgufType>(name);
        float[] values = [.. Enumerable.Range(0, 64).Select(i => (float)(((i * 29 + i * i * 7) % 97 - 48) / (double)31.7f))];
        var bytes = new byte[expected.Length / 2];
        GgufEncoder.Write(type, values, bytes);
        Assert.Equal(expected, Convert.ToHexStringLower(bytes));
    }

    [Theory]
    [InlineData("Q4_0")]
    [InlineData("Q8_0")]
    public void Zeros_are_written_and_read_as_zeros(string name)
    {
        var type = Enum.Parse<GgufType>(name);
        GgufTypes.TryGetBlock(type, out _, out var size);
        var bytes = new byte[size];
        GgufEncoder.Write(type, new float[32], bytes);
        var values = new float[32];
        GgufBlocks.Read(type, bytes, values);
        Assert.All(values, value => Assert.Equal(0, value));
    }
}
