using System.Globalization;
using System.Text;
using CsvHelper;
using CsvHelper.Configuration;
using Rnn.Engine;

namespace Rnn.Api.Rest;

/// <summary>A table of RFC 4180: a line that names the columns, and rows of as many fields. Blank lines are none.</summary>
sealed class CsvTable
{
    static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The names of the columns, without blanks around them.</summary>
    public required IReadOnlyList<string> Header { get; init; }

    /// <summary>The fields of each row, and the number of its last line in the text, from 1.</summary>
    public required IReadOnlyList<(int Line, string[] Fields)> Rows { get; init; }

    /// <summary>Reads a table in UTF-8, or in what its byte order mark says.</summary>
    /// <exception cref="EngineException">It is not well-formed.</exception>
    public static async Task<CsvTable> ReadAsync(Stream body, CancellationToken aborted)
    {
        using var parser = new CsvParser(new StringReader(await TextAsync(body, aborted)), new CsvConfiguration(CultureInfo.InvariantCulture)
        {
            BadDataFound = bad => throw Fault(bad.Context.Parser!.RawRow, "a quotation mark stands inside a field; one that belongs to it is doubled, and the field quoted"),
        });
        string[]? header = null;
        var rows = new List<(int, string[])>();
        while (await parser.ReadAsync())
        {
            var fields = parser.Record!;
            if (header is null)
            {
                header = [.. fields.Select(name => name.Trim())];
            }
            else if (fields.Length == header.Length)
            {
                rows.Add((parser.RawRow, fields));
            }
            else
            {
                throw Fault(parser.RawRow, $"there are {fields.Length} fields; the header names {header.Length} columns");
            }
        }

        return new() { Header = header ?? throw EngineException.Input("", "The body is empty; a line that names the columns is expected."), Rows = rows };
    }

    static async Task<string> TextAsync(Stream body, CancellationToken aborted)
    {
        using var reader = new StreamReader(body, Utf8);
        try
        {
            return await reader.ReadToEndAsync(aborted);
        }
        catch (DecoderFallbackException)
        {
            throw EngineException.Input("", "The body is not UTF-8.");
        }
    }

    /// <summary>What is wrong in a line.</summary>
    /// <param name="line">Its number, from 1.</param>
    /// <param name="what">To complete the sentence.</param>
    public static EngineException Fault(int line, string what) => EngineException.Input("", $"Line {line}: {what}.");
}
