using StreamCore.Transport.Parsing;

namespace StreamCore.Transport.Tests.Parsing;

public sealed class RejectionTableTests
{
    [Fact]
    public void Every_rejection_has_an_error_status_and_a_sentence()
    {
        foreach (var rejection in Enum.GetValues<HttpRejection>().Where(static r => r != HttpRejection.None))
        {
            var (status, message) = RejectionTable.Answer(rejection);
            Assert.InRange(status, 400, 599);
            Assert.EndsWith(".", message);
        }
    }
}
