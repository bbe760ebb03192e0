using System.Globalization;

namespace Rnn.Bench.Load;

/// <summary>What to send, where to, and for how long.</summary>
sealed class LoadOptions
{
    public const string Help = """
        Measures a server over HTTP/1.1 and prints a row of a Markdown table.

        usage: Rnn.Bench.Load [OPTION ...]
               Rnn.Bench.Load write-model FOLDER NAME INPUTS HIDDEN OUTPUTS

          --url URL       the server; http://127.0.0.1:8080 if left out
          --model NAME    the model; austen if left out
          --steps N       connections that step, each on a session of its own; 1 if left out, but 0 with --streams or --sockets
          --stateless     step from the zero state instead of on sessions
          --streams M     connections that generate and read each timestep as an event
          --length L      timesteps of a generation; 200 if left out
          --sockets K     WebSockets that step, each on a session of its own, at --rate whatever comes back
          --rate R        steps a second of each of them; 100 if left out
          --overload F    find out what --steps connections can do, then offer F times that, whatever comes back, and tell how both went
          --callers C     connections that offer it, each on a session of its own; 800 if left out
          --timesteps T   timesteps of each of their calls; 1 if left out
          --soak M        for M minutes, --steps clients of all kinds; samples of what the server (--pid) takes, and whether it grows
          --every S       seconds between two samples; 10 if left out
          --leak          leave the sessions there, to see that growth is seen
          --path P        post {"values": [...]} to this path of any server instead; {n} in it is the connection's number
          --features F    numbers in such a body; 128 if left out
          --warmup S      seconds before the measured ones; 2 if left out
          --seconds S     measured seconds; 5 if left out
          --label TEXT    the row's first cell; the URL if left out
          --pid PID       the server's process on this machine, to tell its CPU time
          --no-header     the row alone

        write-model makes a model folder with one LSTM layer and one dense layer of random weights: features x0, x1, ... in,
        values y0, y1, ... out. Exit code: 0, or 1 if a request was not answered with 2xx, or 2 if an argument is wrong.
        """;

    int? _steps;

    public Uri Url { get; private set; } = new("http://127.0.0.1:8080");

    public string Model { get; private set; } = "austen";

    public int Steps => _steps ?? (Streams > 0 || Sockets > 0 ? 0 : 1);

    public bool IsStateless { get; private set; }

    public int Streams { get; private set; }

    public int Sockets { get; private set; }

    public int Rate { get; private set; } = 100;

    public int Length { get; private set; } = 200;

    public int Overload { get; private set; }

    public int Callers { get; private set; } = 800;

    public int Timesteps { get; private set; } = 1;

    public TimeSpan Soak { get; private set; }

    public TimeSpan Every { get; private set; } = TimeSpan.FromSeconds(10);

    public bool IsLeaking { get; private set; }

    public string? Path { get; private set; }

    public int Features { get; private set; } = 128;

    public TimeSpan WarmUp { get; private set; } = TimeSpan.FromSeconds(2);

    public TimeSpan Measured { get; private set; } = TimeSpan.FromSeconds(5);

    public string Label { get => field ?? Url.OriginalString; private set; }

    public int? ProcessId { get; private set; }

    public bool HasHeader { get; private set; } = true;

    /// <exception cref="ArgumentException">An argument is unknown or wrong; the message tells which.</exception>
    public static LoadOptions Parse(IReadOnlyList<string> args)
    {
        var options = new LoadOptions();
        for (var i = 0; i < args.Count; i++)
        {
            if (!options.TrySwitch(args[i]))
            {
                options.Set(args[i], i + 1 < args.Count ? args[i + 1] : throw Wrong($"'{args[i]}' has no value, or is unknown"));
                i++;
            }
        }

        return options.Path is null || options.Streams + options.Sockets == 0 ? options : throw Wrong("--path goes with --steps alone");
    }

    public static int Number(string value, int least) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least
            ? number
            : throw Wrong($"'{value}' is not a whole number from {least}");

    bool TrySwitch(string name)
    {
        switch (name)
        {
            case "--stateless": IsStateless = true; return true;
            case "--leak": IsLeaking = true; return true;
            case "--no-header": HasHeader = false; return true;
            default: return false;
        }
    }

    void Set(string name, string value)
    {
        switch (name)
        {
            case "--url": Url = HttpUrl(value); break;
            case "--model": Model = value; break;
            case "--steps": _steps = Number(value, 0); break;
            case "--streams": Streams = Number(value, 0); break;
            case "--sockets": Sockets = Number(value, 0); break;
            case "--rate": Rate = Number(value, 1); break;
            case "--length": Length = Number(value, 1); break;
            case "--overload": Overload = Number(value, 1); break;
            case "--callers": Callers = Number(value, 1); break;
            case "--timesteps": Timesteps = Number(value, 1); break;
            case "--soak": Soak = TimeSpan.FromMinutes(Number(value, 1)); break;
            case "--every": Every = TimeSpan.FromSeconds(Number(value, 1)); break;
            case "--path": Path = value.StartsWith('/') ? value : throw Wrong($"The path '{value}' does not begin with '/'"); break;
            case "--features": Features = Number(value, 1); break;
            case "--warmup": WarmUp = TimeSpan.FromSeconds(Number(value, 0)); break;
            case "--seconds": Measured = TimeSpan.FromSeconds(Number(value, 1)); break;
            case "--label": Label = value; break;
            case "--pid": ProcessId = Number(value, 1); break;
            default: throw Wrong($"'{name}' is unknown");
        }
    }

    static Uri HttpUrl(string value) => Uri.TryCreate(value, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttp
        ? url
        : throw Wrong($"'{value}' is not a URL that begins with http://");

    static ArgumentException Wrong(string what) => new($"{what}; --help lists the options.");
}
