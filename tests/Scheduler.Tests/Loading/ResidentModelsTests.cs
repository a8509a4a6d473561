using Xunit;

namespace StreamCore.Scheduler.Tests.Loading;

public class ResidentModelsTests
{
    [Fact]
    public async Task Many_requests_wait_for_one_loading()
    {
        await using var models = new GatedModels(budget: 10);
        var model = models.Add("a", bytes: 10);
        var asked = Enumerable.Range(0, 20).Select(_ => model.Ask()).ToArray();
        await model.LoadBegins();
        Assert.Equal(("loading", 10L), (model.Resident.Status, models.All.UsedBytes));
        Assert.DoesNotContain(asked, one => one.IsCompleted);
        model.LetLoad();
        foreach (var answer in await Task.WhenAll(asked)) answer.Lease!.Dispose();
        Assert.Equal((1, "loaded", 1), (model.Loads, model.Resident.Status, models.LiveEngines));
    }

    [Fact]
    public async Task The_least_recently_used_makes_room()
    {
        await using var models = new GatedModels(budget: 20);
        var (a, b, c) = (models.Add("a", 10), models.Add("b", 10), models.Add("c", 10));
        (await a.Use()).Dispose();
        (await b.Use()).Dispose();
        (await a.Use()).Dispose();
        (await c.Use()).Dispose();
        Assert.Equal(("loaded", "unloaded", "loaded"), (a.Resident.Status, b.Resident.Status, c.Resident.Status));
        Assert.Equal((2, 20L), (models.LiveEngines, models.All.UsedBytes));
    }

    [Fact]
    public async Task A_used_model_is_not_unloaded_and_new_requests_for_it_wait_behind()
    {
        await using var models = new GatedModels(budget: 10);
        var (a, b) = (models.Add("a", 10), models.Add("b", 10));
        var used = await a.Use();
        var other = b.Ask();
        var behind = a.Ask();
        Assert.Equal(("loaded", "unloaded"), (a.Resident.Status, b.Resident.Status));
        Assert.False(other.IsCompleted || behind.IsCompleted);

        used.Dispose();
        b.LetLoad();
        var leased = (await other).Lease!;
        Assert.Equal(("unloaded", "loaded", 1), (a.Resident.Status, b.Resident.Status, models.LiveEngines));
        Assert.False(behind.IsCompleted);
        leased.Dispose();
        a.LetLoad();
        (await behind).Lease!.Dispose();
    }

    [Fact]
    public async Task A_draining_model_is_used_again_when_nobody_waits_for_its_room()
    {
        await using var models = new GatedModels(budget: 10);
        var (a, b) = (models.Add("a", 10), models.Add("b", 10));
        using var used = await a.Use();
        using var leaving = new CancellationTokenSource();
        var other = b.Ask(leaving.Token);
        var behind = a.Ask();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => other);
        (await behind).Lease!.Dispose();
        Assert.Equal((1, 0), (a.Loads, b.Loads));
    }

    [Fact]
    public async Task A_request_waits_no_longer_than_it_may()
    {
        await using var models = new GatedModels(budget: 10);
        var (a, b) = (models.Add("a", 10), models.Add("b", 10));
        using var used = await a.Use();
        var late = b.Ask(timeout: TimeSpan.FromSeconds(30));
        models.Time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(late.IsCompleted);
        models.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(RefusalReason.LoadTimedOut, (await late).Refusal.Reason);
        (await a.Use()).Dispose();
    }

    [Fact]
    public async Task No_more_than_may_wait_for_a_model()
    {
        await using var models = new GatedModels(budget: 10);
        var model = models.Add("a", 10, maxWaiting: 2);
        var (first, second) = (model.Ask(), model.Ask());
        Assert.Equal(RefusalReason.QueueFull, (await model.Ask()).Refusal.Reason);
        model.LetLoad();
        (await first).Lease!.Dispose();
        (await second).Lease!.Dispose();
    }

    [Fact]
    public async Task A_failure_is_told_to_all_who_wait_and_tried_again_for_the_next()
    {
        await using var models = new GatedModels(budget: 10);
        var model = models.Add("a", 10);
        model.Fails = new InvalidOperationException("no");
        var (first, second) = (model.Ask(), model.Ask());
        model.LetLoad();
        foreach (var answer in await Task.WhenAll(first, second))
            Assert.Equal((RefusalReason.LoadFailed, "no"), (answer.Refusal.Reason, answer.Fault?.Message));
        Assert.Equal(("unloaded", 0L), (model.Resident.Status, models.All.UsedBytes));
        (await model.Use()).Dispose();
        Assert.Equal(2, model.Loads);
    }

    [Fact]
    public async Task A_loading_that_nobody_waits_for_any_more_ends_and_serves_the_next()
    {
        await using var models = new GatedModels(budget: 10);
        var model = models.Add("a", 10);
        using var leaving = new CancellationTokenSource();
        var asked = model.Ask(leaving.Token);
        await model.LoadBegins();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        var next = model.Ask();
        model.LetLoad();
        (await next).Lease!.Dispose();
        Assert.Equal(1, model.Loads);
    }

    [Fact]
    public async Task A_model_is_unloaded_when_its_keep_alive_has_ended()
    {
        await using var models = new GatedModels(long.MaxValue);
        var model = models.Add("a", 10, keepAlive: TimeSpan.FromMinutes(10));
        var stays = models.Add("b", 10);
        (await stays.Use()).Dispose();
        var lease = await model.Use();
        models.Time.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal("loaded", model.Resident.Status);
        lease.Dispose();
        models.Time.Advance(TimeSpan.FromMinutes(9));
        (await model.Use()).Dispose();
        models.Time.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal("loaded", model.Resident.Status);
        models.Time.Advance(TimeSpan.FromMinutes(1));
        await model.Until("unloaded");
        Assert.Equal(("loaded", 1, 10L), (stays.Resident.Status, models.LiveEngines, models.All.UsedBytes));
        (await model.Use()).Dispose();
        Assert.Equal(2, model.Loads);
    }

    [Fact]
    public async Task A_stop_refuses_who_waits_and_lets_a_loading_end()
    {
        await using var models = new GatedModels(budget: 10);
        var model = models.Add("a", 10);
        var asked = model.Ask();
        await model.LoadBegins();
        await models.All.StopAsync(CancellationToken.None);
        Assert.Equal(RefusalReason.Stopping, (await asked).Refusal.Reason);
        Assert.Equal(RefusalReason.Stopping, (await model.Ask()).Refusal.Reason);
        var disposed = models.All.DisposeAsync().AsTask();
        Assert.False(disposed.IsCompleted);
        model.LetLoad();
        await disposed;
        Assert.Equal(("unloaded", 0), (model.Resident.Status, models.LiveEngines));
    }

    [Fact]
    public async Task A_stop_lets_a_running_generation_end()
    {
        await using var models = new GatedModels(budget: 10);
        var model = models.Add("a", 10);
        using var lease = await model.Use();
        Assert.True(lease.Scheduler.TrySubmit(
            new GenerationRequest { PromptTokens = [1, 2, 3], Sampling = Harness.Greedy, MaxTokens = 40 }, out var generation, out _));
        await models.All.StopAsync(CancellationToken.None);
        Assert.True((await generation.Completion).IsFinished);
        generation.Dispose();
    }

    [Fact]
    public async Task Under_many_clients_the_budget_holds_and_everyone_is_served()
    {
        await using var models = new GatedModels(budget: 25);
        GatedModel[] all = [models.Add("a", 10), models.Add("b", 10, TimeSpan.Zero), models.Add("c", 15), models.Add("d", 5), models.Add("e", 25)];
        foreach (var model in all)
            for (var i = 0; i < 1000; i++) model.LetLoad();
        var served = await Task.WhenAll(Enumerable.Range(0, 16).Select(client => Task.Factory.StartNew(async () =>
        {
            var random = new Random(client);
            for (var i = 0; i < 60; i++)
            {
                using var lease = (await all[random.Next(all.Length)].Ask()).Lease!;
                Assert.InRange(models.All.UsedBytes, 1, 25);
                Assert.True(lease.Scheduler.TrySubmit(
                    new GenerationRequest { PromptTokens = [1, 2, client], Sampling = Harness.Greedy, MaxTokens = 3 }, out var generation, out _));
                Assert.True((await generation.Completion).IsFinished);
                generation.Dispose();
            }

            return 60;
        }, TestContext.Current.CancellationToken, TaskCreationOptions.None, TaskScheduler.Default).Unwrap()));
        Assert.Equal(16 * 60, served.Sum());
    }

    [Fact]
    public async Task A_model_larger_than_the_budget_is_refused()
    {
        await using var models = new GatedModels(budget: 10);
        Assert.Throws<ArgumentException>(() => models.Add("a", 11));
    }
}
