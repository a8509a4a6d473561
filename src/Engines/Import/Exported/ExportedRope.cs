using StreamCore.Engines.Import.OnnxFile;
using StreamCore.Engines.Models;

namespace StreamCore.Engines.Import.Exported;

/// <summary>The rotary embedding as a graph has it: tables of cosines and sines for each position, or the angles per position.</summary>
internal sealed class ExportedRope
{
    /// <summary>Positions at which tables are looked at.</summary>
    private static readonly int[] Positions = [0, 1, 2, 10, 100, 1000];

    /// <summary>More than float16 and the way a float angle is rounded make of cosine and sine.</summary>
    private const double TableTolerance = 0.008, AngleTolerance = 0.002;

    private readonly string _path;
    private readonly int _pairs;
    private readonly List<GraphTensor> _tables = [];
    private readonly List<float[]> _angles = [];

    /// <param name="path">Of the graph, for messages.</param>
    /// <param name="constants">Of its attention.</param>
    /// <param name="headSize">Twice the pairs that are turned.</param>
    public ExportedRope(string path, IEnumerable<GraphTensor> constants, int headSize)
    {
        (_path, _pairs) = (path, headSize / 2);
        foreach (var constant in constants.Where(constant => constant.IsRaw))
        {
            if (constant.Count == _pairs)
            {
                var angles = new float[_pairs];
                constant.ReadFloats(0, angles);
                _angles.Add(angles);
            }
            else if (IsTable(constant)) _tables.Add(constant);
        }
    }

    /// <summary>Refuses a graph that turns otherwise than the configuration says.</summary>
    public void Check(RopeFrequencies rope)
    {
        if (_tables.Count == 0 && !_angles.Exists(angles => Agree(angles, rope.Inverse)))
            throw new ModelFolderException(
                $"'{_path}' has no rotary embedding with the angles that {DecoderConfig.FileName} asks for; they do not belong together, or it cannot be imported.");
        foreach (var table in _tables)
            foreach (var position in Positions.Where(position => position < Rows(table)))
                if (!Agrees(table, position, rope))
                    throw new ModelFolderException(
                        $"'{_path}': table '{table.Name}' turns position {position} otherwise than {DecoderConfig.FileName} asks for; they do not belong together.");
    }

    /// <summary>The embedding that two tables are of. An angle is told from the first position as well as a number of its table tells it, and
    /// better by each position twice as far, until which the turns are known.</summary>
    public RopeFrequencies Read(int context)
    {
        if (_tables.Find(IsCosine) is not { } cosines || _tables.Find(table => !IsCosine(table)) is not { } sines || Rows(cosines) != Rows(sines))
            throw new ModelFolderException(
                $"'{_path}' has no tables of its rotary embedding, and no {DecoderConfig.FileName} beside it; get that file from the model it was made of.");
        var scale = Row(cosines, 0)[0];
        var inverse = new double[_pairs];
        for (var position = 1L; position < Rows(cosines); position *= 2)
        {
            var (cosine, sine) = (Row(cosines, position), Row(sines, position));
            for (var i = 0; i < _pairs; i++)
            {
                var phase = Math.Atan2(sine[i], cosine[i]);
                inverse[i] = (phase + Math.Tau * Math.Round((inverse[i] * position - phase) / Math.Tau)) / position;
            }
        }
        return new RopeFrequencies(Array.ConvertAll(inverse, value => (float)value), scale, context);
    }

    private bool IsTable(GraphTensor constant)
    {
        var axes = Axes(constant);
        return axes.Length == 2 && (axes[1] == _pairs || axes[1] == 2 * _pairs);
    }

    private static long[] Axes(GraphTensor constant) => [.. constant.Shape.ToArray().Where(axis => axis != 1)];

    private static long Rows(GraphTensor table) => table.Count / Width(table);

    /// <summary>Tables have a number for each pair, or all of them twice.</summary>
    private static int Width(GraphTensor table) => (int)Axes(table)[1];

    private static float[] Row(GraphTensor table, long position)
    {
        var row = new float[Width(table)];
        table.ReadFloats(position * row.Length, row);
        return row;
    }

    private static bool IsCosine(GraphTensor table) => Row(table, 0)[0] > 0.5f;

    private bool Agrees(GraphTensor table, int position, RopeFrequencies rope)
    {
        var (row, isCosine) = (Row(table, position), IsCosine(table));
        for (var i = 0; i < row.Length; i++)
        {
            var (sin, cos) = Math.SinCos(position * (double)rope.Inverse[i % _pairs]);
            if (!(Math.Abs(row[i] - (isCosine ? cos : sin) * rope.AttentionScale) < TableTolerance * (1 + position * 0.001))) return false;
        }
        return true;
    }

    private static bool Agree(float[] angles, float[] expected)
    {
        for (var i = 0; i < angles.Length; i++)
            if (!(Math.Abs(angles[i] - expected[i]) <= AngleTolerance * expected[i] + 1e-7)) return false;
        return true;
    }
}
