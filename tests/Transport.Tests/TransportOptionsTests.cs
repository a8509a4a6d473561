namespace StreamCore.Transport.Tests;

public sealed class TransportOptionsTests
{
    [Fact]
    public void The_defaults_are_sound() => Assert.Empty(new TransportOptions().Validate());

    [Fact]
    public void All_faults_are_told_at_once()
    {
        var options = new TransportOptions { MaxConnections = 0, WriteTimeout = TimeSpan.Zero, MaxTargetBytes = 1024 * 1024 };
        Assert.Equal(3, options.Validate().Count);
        Assert.Throws<ArgumentException>(() => new TestServer(TestServer.EchoAsync, static o => o.MaxHeaderCount = 0));
    }
}
