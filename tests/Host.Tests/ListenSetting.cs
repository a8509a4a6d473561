using StreamCore.Host.Configuration;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>No address to listen on: embedded without a port.</summary>
public class ListenSetting
{
    [Theory]
    [InlineData("--listen", "[]")]
    [InlineData("--listen", ",")]
    public void An_empty_list_of_addresses_can_be_configured(string flag, string value) =>
        Assert.Empty(StreamCoreConfiguration.Load([flag, value], new Dictionary<string, string>()).Server.Listen);

    [Fact]
    public void A_file_may_hold_an_empty_list()
    {
        List<Setting> settings = [];
        YamlSettings.Read("server:\n  listen: []\n", "file", settings, []);
        var options = new StreamCoreOptions();
        SettingsBinder.Bind(options, settings, []);
        Assert.Empty(options.Server.Listen);
    }
}
