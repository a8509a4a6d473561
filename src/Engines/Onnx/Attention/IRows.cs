namespace StreamCore.Engines.Onnx.Attention;

/// <summary>How many rows of queries a register tile holds, known to the JIT: rows beyond it cost nothing.</summary>
internal interface IRows
{
    static abstract int Count { get; }
}

internal readonly struct Rows1 : IRows { public static int Count => 1; }

internal readonly struct Rows2 : IRows { public static int Count => 2; }

internal readonly struct Rows3 : IRows { public static int Count => 3; }

internal readonly struct Rows4 : IRows { public static int Count => 4; }

internal readonly struct Rows5 : IRows { public static int Count => 5; }

internal readonly struct Rows6 : IRows { public static int Count => 6; }

internal readonly struct Rows7 : IRows { public static int Count => 7; }

internal readonly struct Rows8 : IRows { public static int Count => 8; }
