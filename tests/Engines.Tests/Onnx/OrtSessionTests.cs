using System.Runtime.CompilerServices;
using StreamCore.Engines.Models;
using StreamCore.Engines.Onnx;
using StreamCore.Engines.Onnx.Attention;
using StreamCore.Engines.Onnx.Native;
using StreamCore.Scheduler;
using Xunit;

namespace StreamCore.Engines.Tests.Onnx;

public sealed class OrtSessionTests(TestModels models)
{
    private static readonly AttentionShape Shape = new(4, 2, 16); // llama-tiny

    [Fact]
    public void The_library_that_is_loaded_is_the_one_the_build_fetches()
    {
        var library = OrtLibrary.Load(null);
        Assert.Equal(OrtLibrary.FetchedVersion, library.Version);
        Assert.Same(library, OrtLibrary.Load(library.Path));
        Assert.Throws<OrtLibraryException>(() => OrtLibrary.Load(typeof(OrtLibrary).Assembly.Location));
    }

    [Fact]
    public void The_places_are_searched_in_order_and_named_when_nothing_is_there()
    {
        var error = Assert.Throws<OrtLibraryException>(() => OrtLibrary.Find(null, name => name == "HOME" ? "/nowhere" : null, "/program"));
        Assert.Contains("/program", error.Message, StringComparison.Ordinal);
        Assert.Contains("STREAMCORE_ONNXRUNTIME", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);

        var there = typeof(OrtLibrary).Assembly.Location;
        Assert.Equal(there, OrtLibrary.Find(null, name => name == "STREAMCORE_ONNXRUNTIME" ? there : null, "/program"));
        Assert.Equal(there, OrtLibrary.Find(there, _ => "/elsewhere", "/program"));
        Assert.Throws<OrtLibraryException>(() => OrtLibrary.Find("/missing", _ => there, "/program"));
    }

    [Fact]
    public void A_status_carries_its_text_both_ways()
    {
        var api = OrtLibrary.Load(null).Api;
        var error = Assert.Throws<OrtException>(
            () => OrtStatus.ThrowIfFailed(api, OrtStatus.From(api, new InvalidOperationException("größer", new IOException("inner")))));
        Assert.Equal(("größer: inner", 1), (error.Message, error.Code));
        OrtStatus.ThrowIfFailed(api, 0);
    }

    [Fact]
    public void The_op_table_has_the_size_of_its_version()
    {
        // onnxruntime_c_api.h: a version and 21 functions up to GetEndVersion; what follows is of version 18.
        Assert.Equal(22 * nint.Size, Unsafe.SizeOf<OrtCustomOp>());
    }

    [Fact]
    public void The_signature_of_a_graph_is_read()
    {
        using var session = Session();
        Assert.Equal(["input_ids", "out_rows", "batch"], session.Inputs.Select(input => input.Name));
        Assert.Equal((OrtElementType.Int64, -1), (session.Inputs[0].Type, session.Inputs[0].Shape.Single()));
        var output = Assert.Single(session.Outputs);
        Assert.Equal(("logits", OrtElementType.Float), (output.Name, output.Type));
        Assert.Equal([-1, 512], output.Shape);
    }

    [Fact]
    public void What_goes_wrong_in_the_op_comes_out_of_the_run_and_the_session_stays_usable()
    {
        using var session = Session();
        using var rotary = new RotaryTable(new float[8], 1f, 16);
        using var cache = new PagedKvCache(Shape, 2, 4, KvCacheType.Float32);
        using var right = new RaggedAttention(cache, AttentionKernel.Create(Shape, rotary, KvCacheType.Float32, 4), 2);
        using var failing = new RaggedAttention(cache, new FailingKernel(rotary), 2);
        using var oneLayer = new PagedKvCache(Shape, 1, 4, KvCacheType.Float32);
        using var shallow = new RaggedAttention(oneLayer, AttentionKernel.Create(Shape, rotary, KvCacheType.Float32, 4), 2);

        Assert.Contains("kernel says no", Refused(session, failing, 2), StringComparison.Ordinal);
        Assert.Contains("layer 1", Refused(session, shallow, 2), StringComparison.Ordinal);
        Assert.Contains("[2, 128] where [3, 128]", Refused(session, right, 3), StringComparison.Ordinal);
        Assert.Contains("ticket", Assert.Throws<OrtException>(() => Run(session, -5)).Message, StringComparison.Ordinal);

        var ticket = Begin(right, 2);
        Assert.All(Run(session, ticket), logit => Assert.True(float.IsFinite(logit)));
        OwnOps.Close(ticket);
    }

    private static string Refused(OrtSession session, RaggedAttention attention, int rows)
    {
        var ticket = Begin(attention, rows);
        var error = Assert.Throws<OrtException>(() => Run(session, ticket));
        OwnOps.Close(ticket);
        return error.Message;
    }

    private static long Begin(RaggedAttention attention, int rows)
    {
        var step = new RaggedStep();
        step.Add([1, 2], 0, [0], 1);
        attention.Begin(step, rows);
        return OwnOps.Open(new OwnParts(attention, null, null));
    }

    private static float[] Run(OrtSession session, long ticket)
    {
        var library = OrtLibrary.Load(null);
        using var ids = new OrtTensor<long>(library, "input_ids", 1);
        using var rows = new OrtTensor<long>(library, "out_rows", 1);
        using var batch = new OrtTensor<long>(library, "batch", 1);
        using var logits = new OrtTensor<float>(library, "logits", 2);
        ids.Reshape(2).Fill(1);
        rows.Reshape(1)[0] = 1;
        batch.Reshape(1)[0] = ticket;
        var result = logits.Reshape(1, 512);
        session.Run([batch, ids, rows], [logits]);
        return result.ToArray();
    }

    private OrtSession Session() =>
        new(OrtLibrary.Load(null), Path.Combine(models.Folder("llama-tiny", WeightFormat.Float32), "model.onnx"), new OnnxOptions(), threads: 2);

    private sealed class FailingKernel(RotaryTable rotary) : AttentionKernel(OrtSessionTests.Shape, rotary)
    {
        public override void Append(in LayerCall call, in QueryTile tile, int kvHead)
        {
        }

        public override unsafe void Attend(in LayerCall call, in QueryTile tile, int kvHead, float* scratch) =>
            throw new InvalidOperationException("the kernel says no");
    }
}
