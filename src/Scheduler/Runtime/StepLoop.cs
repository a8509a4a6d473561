using StreamCore.Scheduler.Blocks;
using StreamCore.Scheduler.Planning;

namespace StreamCore.Scheduler;

/// <summary>
/// The one thread of an engine instance: drains the inbox, ends what was cancelled, plans, runs a step, settles it; sleeps when
/// there is nothing to do. It alone touches slots, blocks and engine.
/// </summary>
internal sealed class StepLoop(
    IBatchEngine engine, Inbox inbox, Slots slots, BlockPool blocks, Settler settler, Progress progress, StepBudget budget,
    int capacity, TimeProvider time, Telemetry telemetry)
{
    private static readonly EngineFault Unknown = new("The engine failed.", MayRetry: false);
    private static readonly EngineFault Broken = new("The scheduler failed.", MayRetry: true);

    private readonly StepPlan _plan = new(capacity);
    private readonly RaggedStep _step = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isAborted;

    /// <summary>Ends when the inbox is complete and the last generation over.</summary>
    public Task Ended => _ended.Task;

    public void Start(string instance) =>
        new Thread(Run) { IsBackground = true, Name = $"step loop {instance}" }.Start();

    /// <summary>Ends every generation before the next step.</summary>
    public void Abort() => _isAborted = true;

    private void Run()
    {
        try
        {
            while (slots.Count > 0 || inbox.Wait())
            {
                while (inbox.TryRead(out var slot)) slots.Accept(slot);
                EndCancelled();
                if (slots.Count > 0) Step();
            }
        }
        catch (Exception exception)
        {
            Break(exception);
        }
        finally
        {
            _ended.SetResult();
        }
    }

    private void Step()
    {
        var began = time.GetTimestamp();
        slots.Lend();
        slots.Draft();
        Planner.Plan(slots.States(), budget, blocks.FreeCount, _plan);
        if (_plan.Runs.IsEmpty && _plan.Preempted.IsEmpty) throw new InvalidOperationException("The plan makes no progress.");
        StepBuilder.Build(_plan, slots, _step);
        slots.TakeBack();
        if (_plan.Runs.IsEmpty) return; // blocks came free: plan again

        if (TryRun())
        {
            var tokens = settler.Settle(_plan, _step);
            telemetry.StepEnded(time.GetElapsedTime(began), _step.Tokens.Length, tokens);
        }

        slots.Sweep();
        progress.StepEnded();
    }

    private bool TryRun()
    {
        try
        {
            engine.Run(_step);
        }
        catch (Exception exception)
        {
            var fault = (exception as EngineException)?.Fault ?? Unknown;
            telemetry.StepFailed(exception, _plan.Runs.Length, fault);
            settler.Fail(_plan, fault);
            if (progress.StepFailed()) telemetry.Unhealthy(progress.FailedSteps);
            return false;
        }

        if (progress.StepSucceeded()) telemetry.Recovered();
        return true;
    }

    private void EndCancelled()
    {
        var now = time.GetTimestamp();
        for (var i = 0; i < slots.Count; i++)
        {
            var by = _isAborted ? CancelledBy.Shutdown : Cancelled(slots[i], now);
            if (by != CancelledBy.None) slots.End(slots[i], Outcome.Cancelled(by));
        }

        slots.Sweep();
    }

    private CancelledBy Cancelled(Slot slot, long now)
    {
        var generation = slot.Generation;
        if (generation.CancelRequested != CancelledBy.None) return generation.CancelRequested;
        var age = time.GetElapsedTime(generation.SubmittedAt, now);
        return age >= generation.Request.Timeout || (!slot.HasRun && age >= generation.Request.QueueTimeout)
            ? CancelledBy.Deadline
            : CancelledBy.None;
    }

    /// <summary>A bug: nobody is left waiting for an answer that cannot come.</summary>
    private void Break(Exception exception)
    {
        telemetry.LoopBroke(exception);
        progress.Break();
        inbox.Complete();
        while (inbox.TryRead(out var slot)) slots.Accept(slot);
        for (var i = 0; i < slots.Count; i++)
        {
            if (!slots[i].IsOver) slots.End(slots[i], Outcome.Failed(Broken));
        }
    }
}
