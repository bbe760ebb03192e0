namespace Rnn.Api.Security;

/// <summary>
/// Sees to it that a server which can be called from other machines is not open by oversight. On this machine alone it needs no key;
/// elsewhere, if there is none, one is made and written to a file. It ends with the process.
/// </summary>
sealed partial class GeneratedKey(AccessKeys keys, AccessOptions options, Bindings bindings, ILogger<GeneratedKey> log) : IHostedLifecycleService
{
    /// <summary>The name of the key.</summary>
    public const string Name = "generated";

    /// <summary>What the files of such keys are called, in the folder of temporary files.</summary>
    public const string FilePattern = "rnn-*.key";

    string? _file;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        var exposed = bindings.Exposed;
        if (options.AllowAnonymous)
        {
            Anonymous(log);
        }
        else if (keys.HasNone && exposed is null)
        {
            keys.Open();
        }
        else if (keys.HasNone)
        {
            Generate(BindingAddress.Parse(exposed!));
        }

        return Task.CompletedTask;
    }

    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        if (_file is not null)
        {
            File.Delete(_file);
        }

        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    void Generate(BindingAddress address)
    {
        var key = AccessKey.New();
        var file = Path.Combine(AppContext.BaseDirectory, options.GeneratedKeyFile ?? Path.Combine(Path.GetTempPath(), $"rnn-{address.Port}.key"));
        try
        {
            Write(file, $"{key}\n{address.Scheme}://localhost:{address.Port}/#key={key}\n");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException(
                $"The server can be called from other machines and has no key, and the one it made can't be written to '{file}' (Access:GeneratedKeyFile): {exception.Message} "
                + "Configure keys, listen on localhost only, or set Access:AllowAnonymous.", exception);
        }

        _file = file;
        keys.Add(new(Name, AccessKey.HashOf(key), AccessIdentity.Principal(Name, Name, Scopes.All, models: null)));
        Generated(log, file);
    }

    // The folder may be everybody's: a file that another has put there is not written into.
    static void Write(string file, string text)
    {
        File.Delete(file);
        var create = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            create.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var writer = new StreamWriter(file, create);
        writer.Write(text);
    }

    [LoggerMessage(1201, LogLevel.Warning, "Access:AllowAnonymous is set: whoever reaches this server may use it, and all share the sessions", EventName = "AnonymousAllowed")]
    static partial void Anonymous(ILogger logger);

    [LoggerMessage(1202, LogLevel.Warning, "The server can be called from other machines and no key is configured. It has made one: see {File}, or run the command 'key --show' here", EventName = "KeyGenerated")]
    static partial void Generated(ILogger logger, string file);
}
