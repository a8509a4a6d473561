using System.Globalization;
using System.Text;
using StreamCore.StackFlowSimulator.Running;

namespace StreamCore.StackFlowSimulator.Front;

/// <summary>What llm_sys answers itself. Nothing is ever executed, read from or written to the machine that the simulator runs on: verbs that
/// would do so are refused.</summary>
internal sealed class SystemVerbs(Life life, FrontProcess front)
{
    private const string Version = "v1.6";

    public async Task AnswerAsync(Request request)
    {
        if (request.Action is "push" or "pull" or "unit_call") Require(request, "object", static value => value.IsString);
        if (request.Action is "bashexec" or "rmmode" or "update" or "upgrade") Require(request, "data", static value => value.IsString);
        if (request.Action is "uartsetup") Require(request, "data", static value => value.IsObject);
        switch (request.Action)
        {
            case "ping":
                Acknowledge(request, 0, "");
                break;
            case "version":
                Answer(request, Reply.Quote(Version), "sys.utf-8");
                break;
            case "version2":
                Answer(request, List(life.Units.Select(unit => Reply.Quote($"llm-{unit.Name} {Version}"))), "sys.utf-8.stream");
                break;
            case "lsmode":
                Answer(request, ModelList.Of(life.Options.Models, life.Chance(Fault.FirstFirmware), life.Chance(Fault.HugeModelList)), "sys.lsmode");
                break;
            case "hwinfo":
                await Task.Delay(life.Pace.HardwareInfo, life.Options.Time, life.Ended);
                Answer(request, """{"cpu_loadavg":7,"eth_info":[{"ip":"127.0.0.1","name":"lo","speed":"0"}],"mem":31,"temperature":45350}""", "sys.hwinfo");
                break;
            case "cmminfo" when !life.Chance(Fault.NoMemoryInfo):
                Answer(request, Memory(), "sys.cmminfo");
                break;
            case "lstask":
                Acknowledge(request, -10, "Not available at the moment.");
                break;
            case "reset":
                Acknowledge(request, 0, "llm server restarting ...");
                life.Device.RestartServices(life);
                break;
            case "push" or "pull" or "update" or "upgrade":
                Acknowledge(request, -17, "file path error");
                break;
            case "bashexec" or "rmmode" or "uartsetup" or "reboot" or "unit_call":
                Acknowledge(request, -10, "Not available at the moment.");
                break;
            default:
                Acknowledge(request, -3, "action match false");
                break;
        }
    }

    private static string List(IEnumerable<string> items) => "[" + string.Join(',', items) + "]";

    private string Memory()
    {
        var (total, used) = life.Chance(Fault.GarbageMemoryInfo)
            ? (life.Draw(Fault.GarbageMemoryInfo, 4096), life.Draw(Fault.GarbageMemoryInfo, int.MaxValue))
            : (life.Options.MemoryKilobytes, life.MemoryUsed);
        return new StringBuilder().Append(CultureInfo.InvariantCulture, $$"""{"remain":{{total - used}},"total":{{total}},"used":{{used}}}""").ToString();
    }

    /// <summary>A handler that finds the wrong type throws; one that finds nothing may take the process with it.</summary>
    private void Require(Request request, string field, Func<RawValue, bool> fits)
    {
        var value = request.Field(field);
        if (fits(value)) return;
        if (value.IsAbsent && life.Chance(Fault.FrontDiesOnMissingField))
        {
            life.RestartFront();
            throw new OperationCanceledException();
        }

        throw new HandlerException();
    }

    private void Acknowledge(Request request, int code, string message) =>
        front.Acknowledge(request.Channel, code, message, request.RequestId, request.WorkId);

    private void Answer(Request request, string data, string objectName) =>
        front.SendData(request.Channel, data, objectName, request.RequestId, request.WorkId);
}
