using System.CommandLine;
using Rnn.Api.Security;

namespace Rnn.Api.Commands;

/// <summary><c>key</c>: makes a key for a client and the hash of it for the server.</summary>
static class KeyCommand
{
    public static Command Create()
    {
        var show = new Option<bool>("--show") { Description = "Print the key that a server on this machine has made for itself, instead." };
        var command = new Command("key", "Make a key: the key for the client, and its hash for the server's configuration.") { show };
        command.SetAction(arguments => arguments.GetValue(show)
            ? Show(arguments.InvocationConfiguration.Output, arguments.InvocationConfiguration.Error)
            : Make(arguments.InvocationConfiguration.Output));
        return command;
    }

    static int Make(TextWriter output)
    {
        var key = AccessKey.New();
        output.WriteLine($"key   {key}");
        output.WriteLine($"hash  {Convert.ToHexStringLower(AccessKey.HashOf(key))}");
        return 0;
    }

    static int Show(TextWriter output, TextWriter error)
    {
        var configured = Environment.GetEnvironmentVariable("Access__GeneratedKeyFile");
        var files = configured is not null ? [configured] : Directory.GetFiles(Path.GetTempPath(), GeneratedKey.FilePattern);
        foreach (var file in files)
        {
            output.Write(File.ReadAllText(file));
        }

        if (files.Length == 0)
        {
            error.WriteLine("No server on this machine has made a key.");
        }

        return files.Length == 0 ? 1 : 0;
    }
}
