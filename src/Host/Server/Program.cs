using StreamCore.Engines.Models;
using StreamCore.Engines.Onnx;
using StreamCore.Host;
using StreamCore.Host.Configuration;
using StreamCore.Scheduler;
using StreamCore.Server.Commands;
using StreamCore.Transport.Sockets;

IoThreads.ServeOnThem();
try
{
    return args switch
    {
        [] => await ServeCommand.RunAsync([]),
        ["serve", .. var flags] => await ServeCommand.RunAsync(flags),
        ["import", .. var flags] => ImportCommand.Run(flags),
        ["import-config", .. var flags] => ImportConfigCommand.Run(flags),
        ["evaluate", .. var flags] => EvaluateCommand.Run(flags),
        ["make-model", .. var flags] => MakeModelCommand.Run(flags),
        ["stackflow-sim", .. var flags] => await StackFlowSimCommand.RunAsync(flags),
        ["help" or "--help" or "-h", ..] => Help.Print(),
        [['-', '-', ..], ..] => await ServeCommand.RunAsync(args),
        _ => Help.Refuse(args[0]),
    };
}
catch (ConfigurationException fault)
{
    foreach (var mistake in fault.Mistakes) Console.Error.WriteLine("streamcore: " + mistake);
    return 2;
}
catch (Exception fault) when (fault is StartupException or ModelFolderException or OrtLibraryException or EngineException)
{
    Console.Error.WriteLine("streamcore: " + fault.Message);
    return 1;
}
