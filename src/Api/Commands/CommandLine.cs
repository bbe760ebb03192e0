using System.CommandLine;
using Rnn.Api.Observability;
using Rnn.Engine;

namespace Rnn.Api.Commands;

/// <summary>
/// The commands beside serving. They are part of the server's program, so that a model is inspected, verified and converted by
/// exactly the code that will serve it, and so that an image carries one program.
/// </summary>
static class CommandLine
{
    const string Serve = "run";

    /// <summary>Whether the arguments ask for something else than to serve.</summary>
    public static bool Takes(string[] args) => args switch
    {
        [Serve, .. var rest] => rest is ["-h" or "-?" or "--help"],
        ["-h" or "-?" or "--help" or "--version", ..] => true,
        [var first, ..] => Root().Subcommands.Any(command => command.Name == first),
        [] => false,
    };

    /// <summary>How to serve: the arguments are settings, and the program's own folder holds the rest, wherever it was called from.</summary>
    public static WebApplicationOptions HostOptions(string[] args) => new()
    {
        Args = args is [Serve, .. var settings] ? settings : args,
        ContentRootPath = AppContext.BaseDirectory,
    };

    /// <summary>Runs a command.</summary>
    /// <returns>0; 1 if it was refused, with the reason on the error output; 1 too if the arguments are none of the command's.</returns>
    public static async Task<int> InvokeAsync(string[] args, TextWriter output, TextWriter error)
    {
        try
        {
            return await Root().Parse(args).InvokeAsync(new() { Output = output, Error = error, EnableDefaultExceptionHandler = false });
        }
        catch (Exception exception) when (exception is EngineException or IOException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync(exception.Message);
            return 1;
        }
    }

    static RootCommand Root()
    {
        var health = new Command("health", "Ask the server on this machine's port whether it is ready; the exit code is the answer.");
        health.SetAction(_ => HealthProbe.RunAsync());
        return new RootCommand("Serves recurrent networks over REST; inspects, verifies and converts their files.")
        {
            new Command(Serve, "Serve; what happens without a command. Settings follow, such as --Models:Path=/models or --urls=http://localhost:5000."),
            InspectCommand.Create(),
            VerifyCommand.Create(),
            ConvertCommand.Create(),
            KeyCommand.Create(),
            health,
        };
    }
}
