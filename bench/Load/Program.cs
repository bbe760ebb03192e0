using Rnn.Bench.Load;
using Rnn.Bench.Load.Overload;
using Rnn.Bench.Load.Soak;

// One thread carries all sockets and whatever follows a reply, so that the server keeps the rest of the machine. Both are
// read when the first socket is made.
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT", "1");
Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");

try
{
    if (args is ["write-model", var folder, var name, var inputs, var hidden, var outputs])
    {
        RandomModel.Write(folder, name, LoadOptions.Number(inputs, 1), LoadOptions.Number(hidden, 1), LoadOptions.Number(outputs, 1));
        return 0;
    }

    if (args.Contains("--help"))
    {
        Console.WriteLine(LoadOptions.Help);
        return 0;
    }

    var options = LoadOptions.Parse(args);
    return options.Soak > TimeSpan.Zero ? await SoakRun.RunAsync(options)
        : options.Overload > 0 ? await OverloadRun.RunAsync(options) : await LoadRun.RunAsync(options);
}
catch (Exception exception) when (exception is ArgumentException or HttpRequestException or IOException or UnauthorizedAccessException)
{
    await Console.Error.WriteLineAsync(exception.Message);
    return exception is ArgumentException ? 2 : 1;
}
