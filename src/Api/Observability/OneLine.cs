using System.Globalization;
using Serilog.Events;
using Serilog.Formatting;

namespace Rnn.Api.Observability;

/// <summary>
/// An event is one line, whatever a client has put into it: what could end a line or steer a terminal is written as <c>\uXXXX</c>, which
/// in JSON means the same. Below it an exception has lines of its own, indented, so that none of them can pass for an event.
/// </summary>
/// <param name="line">Renders the event.</param>
/// <param name="showsException">Whether the exception goes below, as <paramref name="line"/> leaves it out.</param>
sealed class OneLine(ITextFormatter line, bool showsException = false) : ITextFormatter
{
    const string Indent = "    ";

    public void Format(LogEvent logEvent, TextWriter output)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        line.Format(logEvent, text);
        Write(text.ToString().AsSpan().TrimEnd("\r\n"), output);
        if (showsException && logEvent.Exception is { } exception)
        {
            foreach (var part in exception.ToString().AsSpan().EnumerateLines())
            {
                output.Write(Indent);
                Write(part, output);
            }
        }
    }

    static void Write(ReadOnlySpan<char> text, TextWriter output)
    {
        foreach (var c in text)
        {
            if (char.IsControl(c) || c is '\u2028' or '\u2029')
            {
                output.Write($"\\u{(int)c:X4}");
            }
            else
            {
                output.Write(c);
            }
        }

        output.WriteLine();
    }
}
